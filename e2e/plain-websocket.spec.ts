import { echo, reverseLines, startNodeTls } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const mebibyte = 1024 * 1024;

// As in Firefox and WebKit: the worker finds no WebSocketStream, and uses the plain WebSocket.
for (const bridge of bridgeKinds) {
  test(`without WebSocketStream, 16 MiB come back through ${bridge} as they went`, async ({
    lab,
    identity,
    keep,
    trial,
  }) => {
    test.setTimeout(60_000);
    const server = await keep(startNodeTls(await identity(), echo));
    const found = await lab.evaluate(
      async ([trial, length]) => {
        const scripts: string[] = [];
        const worker = () => {
          // Modules are run in the order of their imports, each whole before the next.
          const entry = new URL("/src/worker/entry.ts", location.href);
          const code = `
            import "data:text/javascript,delete globalThis.WebSocketStream";
            import "data:text/javascript,postMessage(typeof WebSocketStream)";
            import ${JSON.stringify(entry.href)};
          `;
          const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
          const worker = new Worker(url, { type: "module" });
          worker.addEventListener("message", ({ data }) => scripts.push(data));
          return worker;
        };
        const tls = window.rig.create(trial, { worker });
        try {
          const socket = tls.connect(trial.address);
          const [sent, received] = await Promise.all([
            window.rig.writeHash(socket, length),
            window.rig.readHash(socket, length),
          ]);
          await socket.close();
          return { same: sent === received, WebSocketStream: scripts[0] };
        } finally {
          await tls.close();
        }
      },
      [await trial(bridge, server.port), 16 * mebibyte] as const,
    );
    expect(found).toEqual({ same: true, WebSocketStream: "undefined" });
  });
}

test("a worker whose script can't be loaded fails the socket", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  const server = await keep(startNodeTls(await identity(), reverseLines));
  const code = await lab.evaluate(
    async (trial) => {
      const worker = () => new Worker("/there/is/no/such.js", { type: "module" });
      const tls = window.rig.create(trial, { worker });
      try {
        const socket = tls.connect(trial.address);
        window.rig.ignore(socket.closed);
        return (await window.rig.failure(socket.opened)).code;
      } finally {
        await tls.close();
      }
    },
    await trial("webtls", server.port),
  );
  expect(code).toBe("closed/worker");
});
