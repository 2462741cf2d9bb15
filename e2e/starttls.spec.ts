import { startStartTls } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

for (const bridge of bridgeKinds) {
  test.describe(`through ${bridge}`, () => {
    test("a plain connection becomes TLS by startTls()", async ({ lab, identity, keep, trial }) => {
      const server = await keep(startStartTls(await identity()));
      const found = await lab.evaluate(
        (trial) =>
          window.rig.use(trial, async (socket) => {
            await socket.opened;
            const greeting = await window.rig.readLine(socket);
            const unknown = await window.rig.ask(socket, "HELP\r");
            const goAhead = await window.rig.ask(socket, "STARTTLS\r");
            const secure = socket.startTls();
            const { version } = await secure.opened;
            const echoed = await window.rig.ask(secure, "in private");
            await secure.close();
            return { greeting, unknown, goAhead, version, echoed, upgraded: socket.upgraded };
          }),
        await trial(bridge, server.port, { secureTransport: "starttls" }),
      );
      expect(found).toEqual({
        greeting: "220 ready",
        unknown: "500 unknown",
        goAhead: "220 go ahead",
        version: "TLSv1.3",
        echoed: "in private",
        upgraded: true,
      });
    });

    test("plain text behind the server's go-ahead never becomes part of TLS", async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      const server = await keep(startStartTls(await identity(), "injected\r\n"));
      const found = await lab.evaluate(
        (trial) =>
          window.rig.use(trial, async (socket) => {
            window.rig.ignore(socket.closed);
            await socket.opened;
            await window.rig.readLine(socket);
            await window.rig.send(socket, "STARTTLS\r\n");
            // The page reads no further than one chunk, which may hold the injected line or not.
            const reader = socket.readable.getReader();
            const { value } = await reader.read();
            reader.releaseLock();
            const goAhead = new TextDecoder().decode(value);
            const secure = socket.startTls();
            window.rig.ignore(secure.closed);
            const upgrade = await secure.opened.then(
              () => window.rig.ask(secure, "echo"),
              (error: unknown) => `refused: ${error instanceof Error && error.name}`,
            );
            return { goAhead, upgrade };
          }),
        await trial(bridge, server.port, { secureTransport: "starttls" }),
      );
      // Either the page has read it as plain text, or the upgrade fails; TLS never delivers it.
      if (found.goAhead.includes("injected")) expect(found.upgrade).toBe("echo");
      else expect(found.upgrade).toBe("refused: TlsError");
    });

    test("without TLS the socket is a plain one", async ({ lab, identity, keep, trial }) => {
      const server = await keep(startStartTls(await identity()));
      const found = await lab.evaluate(
        (trial) =>
          window.rig.use(trial, async (socket) => {
            await socket.opened;
            const greeting = await window.rig.readLine(socket);
            const answer = await window.rig.ask(socket, "HELP\r");
            await socket.close();
            return { greeting, answer, secureTransport: socket.secureTransport };
          }),
        await trial(bridge, server.port, { secureTransport: "off" }),
      );
      expect(found).toEqual({
        greeting: "220 ready",
        answer: "500 unknown",
        secureTransport: "off",
      });
    });
  });
}
