import { WebSocketServer } from "ws";
import { echo, reverseLines, source, startNodeTls } from "../test/servers/node-tls.ts";
import { startCountingRelay } from "../test/servers/tcp.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";
import { untilSteady } from "./rig/steady.ts";

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

test("without WebSocketStream, a reader that waits holds the server back through our bridge", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  test.setTimeout(120_000);
  const length = 96 * mebibyte;
  const server = await keep(
    startNodeTls(
      await identity(),
      source(length, () => {}, { stay: true }),
    ),
  );
  const through = await trial("webtls", server.port);
  const url = new URL(through.bridge.url);
  const relay = await keep(startCountingRelay(Number(url.port)));
  url.port = String(relay.port);
  const page = await lab.evaluateHandle(
    async (trial) => {
      const worker = () => {
        const entry = new URL("/src/worker/entry.ts", location.href);
        const code = `
          import "data:text/javascript,delete globalThis.WebSocketStream";
          import ${JSON.stringify(entry.href)};
        `;
        const script = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
        return new Worker(script, { type: "module" });
      };
      const tls = window.rig.create(trial, { worker });
      const socket = tls.connect(trial.address);
      await socket.opened;
      return { tls, socket };
    },
    { ...through, bridge: { kind: "webtls", url: url.href } as const },
  );
  // The credit of two megabytes, and what is on its way between worker and page.
  expect(await untilSteady(relay.delivered)).toBeLessThan(8 * mebibyte);
  const read = await page.evaluate(async ({ tls, socket }, length) => {
    const reader = socket.readable.getReader();
    let received = 0;
    while (received < length) {
      const { done, value } = await reader.read();
      if (done) break;
      received += value.length;
    }
    await tls.close();
    return received;
  }, length);
  expect(read).toBe(length);
});

test("without WebSocketStream, a text message fails its own socket and no other", async ({
  lab,
  keep,
  root,
}) => {
  const { url } = await keep(startTalkative());
  const found = await lab.evaluate(
    async (trial) => {
      const worker = () => {
        const entry = new URL("/src/worker/entry.ts", location.href);
        const code = `
          import "data:text/javascript,delete globalThis.WebSocketStream";
          import ${JSON.stringify(entry.href)};
        `;
        const script = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
        return new Worker(script, { type: "module" });
      };
      const tls = window.rig.create(trial, { worker });
      const plain = { secureTransport: "off" } as const;
      try {
        const other = tls.connect("echo.example:1", plain);
        await other.opened;
        const texted = tls.connect("text.example:1", plain);
        const { code } = await window.rig.failure(texted.closed);
        const writer = other.writable.getWriter();
        await writer.write(new Uint8Array([1, 2, 3]));
        const { value } = await other.readable.getReader().read();
        return { code, echoed: value?.length };
      } finally {
        await tls.close();
      }
    },
    { bridge: { kind: "webtls", url } as const, address: "", roots: root.pem },
  );
  expect(found).toEqual({ code: "bridge/protocol", echoed: 3 });
});

/** A bridge that echoes, but says a word of text to whoever asks for `text.example`. */
async function startTalkative() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    if (request.url?.includes("text.example")) socket.send("hello");
    socket.on("message", (data) => socket.send(data));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `ws://127.0.0.1:${address.port}/`,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
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
