import { echo, source, startNodeTls } from "../test/servers/node-tls.ts";
import { startOpenssl } from "../test/servers/openssl.ts";
import { type LocalServer, startCountingRelay } from "../test/servers/tcp.ts";
import { bridgeKinds, expect, test } from "./rig/fixtures.ts";
import { untilSteady } from "./rig/steady.ts";

const mebibyte = 1024 * 1024;

for (const bridge of bridgeKinds) {
  for (const peer of ["s_server", "node"] as const) {
    test(`64 MiB come back from ${peer} through ${bridge} as they went`, async ({
      lab,
      identity,
      keep,
      trial,
    }) => {
      test.setTimeout(120_000);
      const server = await keep<LocalServer>(
        peer === "node"
          ? startNodeTls(await identity(), echo)
          : startOpenssl(await identity(), [], "echo"),
      );
      const hashes = await lab.evaluate(
        ([trial, length]) =>
          window.rig.use(trial, async (socket) => {
            const [sent, received] = await Promise.all([
              window.rig.writeHash(socket, length),
              window.rig.readHash(socket, length),
            ]);
            return { sent, received };
          }),
        [await trial(bridge, server.port), 64 * mebibyte] as const,
      );
      expect(hashes.received).toBe(hashes.sent);
    });
  }

  test(`a server that sends and leaves loses nothing unsaid through ${bridge}`, async ({
    lab,
    identity,
    keep,
    trial,
  }) => {
    test.setTimeout(60_000);
    const length = 16 * mebibyte;
    const server = await keep(startNodeTls(await identity(), source(length)));
    const found = await lab.evaluate(
      async (trial) => {
        const tls = window.rig.create(trial);
        const socket = tls.connect(trial.address);
        window.rig.ignore(socket.closed);
        const reader = socket.readable.getReader();
        let received = 0;
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return { received, end: "close_notify" };
            received += value.length;
          }
        } catch (error) {
          return { received, end: error instanceof window.rig.webtls.TlsError ? error.code : "" };
        } finally {
          await tls.close();
        }
      },
      await trial(bridge, server.port),
    );
    // websockify may lose the tail, and says nothing of it: TLS has to.
    if (bridge === "websockify" && found.end !== "close_notify") {
      expect(found.end).toBe("closed/truncated");
    } else {
      expect(found).toEqual({ received: length, end: "close_notify" });
    }
  });

  test(`a reader that waits holds back what comes through ${bridge}`, async ({
    lab,
    identity,
    keep,
    trial,
  }) => {
    test.setTimeout(120_000);
    const length = 192 * mebibyte;
    let written = 0;
    const server = await keep(
      startNodeTls(
        await identity(),
        source(
          length,
          (total) => {
            written = total;
          },
          { stay: true },
        ),
      ),
    );
    const through = await trial(bridge, server.port);
    const url = new URL(through.bridge.url);
    const relay = await keep(startCountingRelay(Number(url.port)));
    url.port = String(relay.port);
    const socket = await lab.evaluateHandle(
      async (trial) => {
        const tls = window.rig.create(trial);
        const socket = tls.connect(trial.address);
        await socket.opened;
        return { tls, socket };
      },
      { ...through, bridge: { kind: bridge, url: url.href } },
    );

    // What fits in the page's windows and in the buffers of TCP: not what the server has.
    expect(await untilSteady(relay.delivered)).toBeLessThan(length / 4);
    // websockify itself may take all that the server sends, and keep it until the page does.
    if (bridge === "webtls") expect(await untilSteady(() => written)).toBeLessThan(length / 2);

    const read = await socket.evaluate(async ({ tls, socket }, length) => {
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
}

// Chromium's WebSocketStream drops what its reader has not got when the Close frame arrives.
test("a slow reader gets all that a server sent before it left, through our bridge", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  test.setTimeout(60_000);
  const length = 4 * mebibyte;
  const server = await keep(startNodeTls(await identity(), source(length)));
  const received = await lab.evaluate(
    async (trial) => {
      const tls = window.rig.create(trial);
      try {
        const reader = tls.connect(trial.address).readable.getReader();
        let received = 0;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return received;
          received += value.length;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      } finally {
        await tls.close();
      }
    },
    await trial("webtls", server.port),
  );
  expect(received).toBe(length);
});

test("a download reaches the page in fewer messages than the bridge has sent", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  const mebibytes = 32;
  const server = await keep(
    startNodeTls(
      await identity(),
      source(mebibytes * mebibyte, () => {}, { stay: true }),
    ),
  );
  const posts = await lab.evaluate(
    async ([trial, length]) => {
      const Original = MessageChannel;
      let posts = 0;
      window.MessageChannel = class extends Original {
        constructor() {
          super();
          this.port1.addEventListener("message", ({ data }) => {
            if (data.type === "data") posts++;
          });
        }
      };
      try {
        return await window.rig.use(trial, async (socket) => {
          await window.rig.readHash(socket, length);
          return posts;
        });
      } finally {
        window.MessageChannel = Original;
      }
    },
    [await trial("webtls", server.port), mebibytes * mebibyte] as const,
  );
  console.log(`${(posts / mebibytes).toFixed(1)} messages to the page for each MiB`);
  // The bridge reads, and sends, 64 KiB at the most.
  expect(posts).toBeGreaterThan(mebibytes);
  expect(posts).toBeLessThan(mebibytes * 16);
});

test("a large, slow download has the page's garbage collected", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  const server = await keep(
    startNodeTls(
      await identity(),
      source(64 * mebibyte, () => {}, { stay: true }),
    ),
  );
  const allocated = await lab.evaluate(
    async ([trial, mebibyte]) => {
      const Original = ArrayBuffer;
      const large: number[] = [];
      window.ArrayBuffer = class extends Original {
        constructor(length = 0) {
          super(length);
          if (length > mebibyte) large.push(length / mebibyte);
        }
      };
      try {
        return await window.rig.use(trial, async (socket) => {
          const reader = socket.readable.getReader();
          let sincePause = 0;
          for (let received = 0; received < 64 * mebibyte; ) {
            const { value } = await reader.read();
            received += value?.length ?? 0;
            sincePause += value?.length ?? 0;
            // No faster than 20 MiB/s at any time: faster downloads go without.
            if (sincePause < mebibyte) continue;
            sincePause = 0;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          return large;
        });
      } finally {
        window.ArrayBuffer = Original;
      }
    },
    [await trial("webtls", server.port), mebibyte] as const,
  );
  expect(allocated).toEqual([64, 64]);
});

// Not through websockify, which takes all that the page sends and keeps it until the server does.
test("a server that does not read holds back the page through our bridge", async ({
  lab,
  identity,
  keep,
  trial,
}) => {
  test.setTimeout(120_000);
  const server = await keep(startNodeTls(await identity(), (socket) => socket.pause()));
  const page = await lab.evaluateHandle(
    async (trial) => {
      const tls = window.rig.create(trial);
      const socket = tls.connect(trial.address);
      await socket.opened;
      const progress = { accepted: 0, tls };
      const writer = socket.writable.getWriter();
      window.rig.ignore(
        (async () => {
          for (let step = 0; step < 3072; step++) {
            await writer.write(new Uint8Array(64 * 1024));
            progress.accepted += 64 * 1024;
          }
        })(),
      );
      window.rig.ignore(socket.closed);
      return progress;
    },
    await trial("webtls", server.port),
  );

  const accepted = await untilSteady(() => page.evaluate((progress) => progress.accepted));
  expect(accepted).toBeLessThan(96 * mebibyte);
  await page.evaluate(({ tls }) => tls.close());
});
