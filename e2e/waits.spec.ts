import { startPeer } from "../test/servers/peers.ts";
import { freePort } from "../test/servers/process.ts";
import { startDropping, startPlain, startSilent } from "../test/servers/tcp.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  test.describe(`through ${bridge}`, () => {
    test("a target that refuses is a refusal of the bridge", async ({ lab, trial }) => {
      const found = await lab.evaluate(
        (trial) => window.rig.refusal(trial),
        await trial(bridge, await freePort()),
      );
      expect(found).toMatchObject({ code: "bridge/refused", phase: "bridge" });
      expect(found.message).toContain("localhost:");
    });

    test("a target that drops the connection at once ends in an error", async ({
      lab,
      keep,
      trial,
    }) => {
      const server = await keep(startDropping());
      const found = await lab.evaluate(
        (trial) => window.rig.refusal(trial),
        await trial(bridge, server.port),
      );
      // websockify shows it like a refused target; our bridge as the end or the reset that it is,
      // which depends on whether the ClientHello had come by then.
      expect(
        bridge === "websockify" ? ["bridge/refused"] : ["closed/truncated", "bridge/closed"],
      ).toContain(found.code);
    });

    test("a server that speaks no TLS is told from one that does", async ({ lab, keep, trial }) => {
      const server = await keep(startPlain("HTTP/1.1 400 Bad Request\r\n\r\n"));
      const found = await lab.evaluate(
        (trial) => window.rig.refusal(trial),
        await trial(bridge, server.port),
      );
      expect(found).toMatchObject({
        code: "record/unexpected-type",
        phase: "handshake",
        alertSent: "unexpected_message",
      });
    });

    test("a server that stays silent runs into the handshake timeout", async ({
      lab,
      keep,
      trial,
    }) => {
      const server = await keep(startSilent());
      const found = await lab.evaluate(
        (trial) => window.rig.refusal(trial),
        await trial(bridge, server.port, { handshakeTimeout: 300 }),
      );
      expect(found).toMatchObject({ code: "timeout/handshake", phase: "handshake" });
    });

    test("an abort ends the wait for a handshake", async ({ lab, keep, trial }) => {
      const server = await keep(startSilent());
      const found = await lab.evaluate(
        async (trial) => {
          const tls = window.rig.create(trial);
          const abort = new AbortController();
          const socket = tls.connect(trial.address, { signal: abort.signal });
          window.rig.ignore(socket.closed);
          setTimeout(() => abort.abort(), 50);
          const found = await window.rig.failure(socket.opened);
          await tls.close();
          return found;
        },
        await trial(bridge, server.port),
      );
      expect(found.code).toBe("aborted");
    });

    test("an abort ends an open connection", async ({ lab, identity, keep, trial }) => {
      const server = await keep(startPeer("node", await identity()));
      const found = await lab.evaluate(
        async (trial) => {
          const tls = window.rig.create(trial);
          const abort = new AbortController();
          const socket = tls.connect(trial.address, { signal: abort.signal });
          await socket.opened;
          const reading = window.rig.failure(socket.readable.getReader().read());
          const closed = window.rig.failure(socket.closed);
          abort.abort();
          const codes = [(await reading).code, (await closed).code];
          await tls.close();
          return codes;
        },
        await trial(bridge, server.port),
      );
      expect(found).toEqual(["aborted", "aborted"]);
    });
  });
}

test("a bridge that is not there is named as such", async ({ lab, trial }) => {
  const port = await freePort();
  const { bridge, ...rest } = await trial("webtls", port);
  const found = await lab.evaluate((trial) => window.rig.refusal(trial), {
    ...rest,
    bridge: { ...bridge, url: `ws://127.0.0.1:${port}/bridge` },
  });
  expect(found).toMatchObject({ code: "bridge/unreachable", phase: "bridge" });
});
