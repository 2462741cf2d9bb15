import { reverseLines, startNodeTls } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const connections = 200;

for (const bridge of bridgeKinds) {
  test(`two hundred connections in one worker through ${bridge}`, async ({
    lab,
    identity,
    keep,
    trial,
  }) => {
    test.setTimeout(120_000);
    const server = await keep(startNodeTls(await identity(), reverseLines));
    let workers = 0;
    const count = () => {
      workers += 1;
    };
    lab.on("worker", count);

    const { answers, open } = await lab.evaluate(
      async ([trial, connections]) => {
        const tls = window.rig.create(trial);
        try {
          const sockets = Array.from({ length: connections }, () => tls.connect(trial.address));
          const infos = await Promise.all(sockets.map((socket) => socket.opened));
          // All are open now; each gets its own answer.
          const answers = await Promise.all(
            sockets.map((socket, index) => window.rig.ask(socket, `line-${index}`)),
          );
          await Promise.all(sockets.map((socket) => socket.close()));
          return { answers, open: infos.length };
        } finally {
          await tls.close();
        }
      },
      [await trial(bridge, server.port), connections] as const,
    );

    lab.off("worker", count);
    expect(open).toBe(connections);
    expect(answers).toEqual(
      Array.from({ length: connections }, (_, index) => [...`line-${index}`].reverse().join("")),
    );
    expect(server.seen).toHaveLength(connections);
    expect(workers).toBe(1);
  });
}
