import { digest, startNodeTls, startTruncating } from "../test/servers/node-tls.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";

const text = "some words before the end";

for (const bridge of bridgeKinds) {
  test.describe(`through ${bridge}`, () => {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      test(`an end without close_notify is a truncation (${version})`, async ({
        lab,
        identity,
        keep,
        trial,
      }) => {
        const server = await keep(
          startTruncating(await identity(), text, { minVersion: version, maxVersion: version }),
        );
        const found = await lab.evaluate(
          (trial) =>
            window.rig.use(trial, async (socket) => {
              const closed = window.rig.failure(socket.closed);
              await socket.opened;
              await window.rig.send(socket, "go");
              const decoder = new TextDecoder();
              const reader = socket.readable.getReader();
              let received = "";
              const reading = await window.rig.failure(
                (async () => {
                  for (;;) {
                    const { done, value } = await reader.read();
                    if (done) return "a clean end";
                    received += decoder.decode(value, { stream: true });
                  }
                })(),
              );
              return { received, reading: reading.code, closed: (await closed).code };
            }),
          await trial(bridge, server.port),
        );
        expect(found.reading).toBe("closed/truncated");
        expect(found.closed).toBe("closed/truncated");
        // websockify may lose the tail; what comes is the beginning, and our own bridge loses none.
        expect(text.startsWith(found.received)).toBe(true);
        if (bridge === "webtls") expect(found.received).toBe(text);
      });

      test(`the server's close_notify ends the stream (${version})`, async ({
        lab,
        identity,
        keep,
        trial,
      }) => {
        const server = await keep(
          startNodeTls(await identity(), (socket) => socket.once("data", () => socket.end("bye")), {
            minVersion: version,
            maxVersion: version,
          }),
        );
        const received = await lab.evaluate(
          (trial) =>
            window.rig.use(trial, async (socket) => {
              await socket.opened;
              await window.rig.send(socket, "go");
              const text = await window.rig.readText(socket);
              await socket.closed;
              return text;
            }),
          await trial(bridge, server.port),
        );
        expect(received).toBe("bye");
      });

      test(`with allowHalfOpen the page ends its side and reads on (${version})`, async ({
        lab,
        identity,
        keep,
        trial,
      }) => {
        const server = await keep(
          startNodeTls(await identity(), digest, {
            minVersion: version,
            maxVersion: version,
            allowHalfOpen: true,
          }),
        );
        const [sent, answer] = await lab.evaluate(
          (trial) =>
            window.rig.use(trial, async (socket) => {
              await socket.opened;
              const hash = await window.rig.writeHash(socket, 100_000);
              await socket.closeWrite();
              return [hash, await window.rig.readText(socket)];
            }),
          await trial(bridge, server.port, { allowHalfOpen: true }),
        );
        expect(answer).toBe(sent);
      });
    }

    test("closing the socket ends the server's side cleanly", async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      let ended: (how: string) => void = () => {};
      const end = new Promise<string>((resolve) => {
        ended = resolve;
      });
      const server = await keep(
        startNodeTls(await identity(), (socket) => {
          socket.resume();
          socket.once("end", () => ended("close_notify"));
          socket.once("error", (error) => ended(error.message));
        }),
      );
      await lab.evaluate(
        (trial) =>
          window.rig.use(trial, async (socket) => {
            await socket.opened;
            await socket.close();
            await socket.closed;
          }),
        await trial(bridge, server.port),
      );
      expect(await end).toBe("close_notify");
    });
  });
}
