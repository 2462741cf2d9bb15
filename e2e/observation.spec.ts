import { reverseLines, startNodeTls } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  test.describe(`through ${bridge}`, () => {
    test("agrees on an application protocol and names the server", async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      const server = await keep(
        startNodeTls(await identity(), reverseLines, { ALPNProtocols: ["imap", "h2"] }),
      );
      const found = await lab.evaluate(
        (trial) => window.rig.negotiate(trial),
        await trial(bridge, server.port, { alpn: ["h2", "imap"] }),
      );
      expect(found.alpn).toBe("imap");
      expect(server.seen).toMatchObject([{ alpn: "imap", servername: "localhost" }]);
    });

    test("says so where no application protocol is in common", async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      const server = await keep(
        startNodeTls(await identity(), reverseLines, { ALPNProtocols: ["h2"] }),
      );
      const found = await lab.evaluate(
        (trial) => window.rig.refusal(trial),
        await trial(bridge, server.port, { alpn: ["imap"] }),
      );
      expect(found.alertReceived).toBe("no_application_protocol");
    });

    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      test(`the key log is the server's own (${version})`, async ({
        lab,
        identity,
        keep,
        trial,
      }) => {
        const server = await keep(
          startNodeTls(await identity(), reverseLines, {
            minVersion: version,
            maxVersion: version,
          }),
        );
        const lines = await lab.evaluate(
          async (trial) => {
            const lines: string[] = [];
            const tls = window.rig.create(trial, { keyLog: (line) => lines.push(line) });
            const socket = tls.connect(trial.address);
            await socket.opened;
            await window.rig.ask(socket, "webtls");
            await tls.close();
            return lines;
          },
          await trial(bridge, server.port),
        );
        const labels = lines.map((line) => line.split(" ")[0]);
        expect(labels).toEqual(
          version === "TLSv1.2"
            ? ["CLIENT_RANDOM"]
            : expect.arrayContaining([
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "CLIENT_TRAFFIC_SECRET_0",
                "SERVER_TRAFFIC_SECRET_0",
                "EXPORTER_SECRET",
              ]),
        );
        expect([...lines].sort()).toEqual([...server.keyLog].sort());
      });
    }
  });
}
