import type { Buffer } from "node:buffer";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import type { TraceEvent } from "../src/index.ts";
import { failureOf } from "./failure.ts";
import { listenedIn, startInThread } from "./in-thread.ts";
import {
  digest,
  echo,
  reverseLines,
  source,
  startNodeTls,
  startTruncating,
} from "./servers/node-tls.ts";
import {
  connect,
  create,
  identity,
  keep,
  readSome,
  readText,
  sayBye,
  trusted,
  untilStill,
  useSockets,
  write,
} from "./socket-rig.ts";

useSockets();

describe("a TLS socket", () => {
  test("carries data both ways and says what was negotiated", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const socket = connect(server.port, { alpn: [] });
    expect(await socket.opened).toMatchObject({
      version: "TLSv1.3",
      remoteAddress: `localhost:${server.port}`,
      localAddress: null,
    });
    expect((await socket.opened).certificates[0]).toEqual(identity().certificate);
    expect(socket).toMatchObject({ secureTransport: "on", upgraded: false });
    await write(socket, "abc\n");
    expect(await readSome(socket)).toBe("cba\n");
    await socket.close();
    expect(server.failures).toEqual([]);
  });

  test("is made from reactive options too, which are proxies", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const { bridge, roots } = trusted();
    const tls = create({ bridge: new Proxy(bridge, {}), roots: new Proxy([roots], {}) });
    const socket = tls.connect(`localhost:${server.port}`, {
      groups: new Proxy(["secp256r1"], {}),
      cipherSuites: new Proxy(["TLS_AES_256_GCM_SHA384"], {}),
      alpn: new Proxy([], {}),
    });
    expect(await socket.opened).toMatchObject({ group: "secp256r1" });
    await socket.close();
  });

  test("two connections in one worker do not mingle", async () => {
    const server = await keep(startNodeTls(identity(), echo));
    let workers = 0;
    const tls = create({
      worker: () => {
        workers += 1;
        return startInThread();
      },
    });
    const length = 3 * 1024 * 1024;
    const results = [1, 2].map(async (fill) => {
      const socket = tls.connect({ hostname: "localhost", port: server.port });
      const writer = socket.writable.getWriter();
      const writing = writer.write(new Uint8Array(length).fill(fill)).then(() => writer.close());
      let count = 0;
      const reader = socket.readable.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        expect(value.every((byte) => byte === fill)).toBe(true);
        count += value.length;
      }
      await writing;
      await socket.closed;
      return count;
    });
    expect(await Promise.all(results)).toEqual([length, length]);
    expect(workers).toBe(1);
  });

  test("a writer keeps its buffer", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const socket = connect(server.port);
    const buffer = new TextEncoder().encode("-one\n-");
    const writer = socket.writable.getWriter();
    await writer.write(buffer.subarray(1, 5));
    expect(buffer.length).toBe(6);
    buffer.fill(0);
    expect(await readSome(socket)).toBe("eno\n");
  });

  test("delivers what came before a truncation, then fails", async () => {
    const server = await keep(startTruncating(identity(), "the beginning"));
    const socket = connect(server.port);
    await write(socket, "go");
    await expect(socket.closed).rejects.toMatchObject({ code: "closed/truncated" });
    expect(await readSome(socket)).toBe("the beginning");
    await expect(readSome(socket)).rejects.toMatchObject({ code: "closed/truncated" });
  });

  test("the server's end ends both directions", async () => {
    const server = await keep(startNodeTls(identity(), sayBye));
    const socket = connect(server.port);
    await write(socket, "hello");
    expect(await readText(socket)).toBe("bye");
    await socket.closed;
    await expect(write(socket, "more")).rejects.toMatchObject({
      code: expect.stringMatching(/^closed\//),
    });
  });

  test("with allowHalfOpen, writing goes on after the server's end", async () => {
    let received = "";
    const behaviour = (socket: TLSSocket) => {
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString();
      });
      sayBye(socket);
    };
    const server = await keep(startNodeTls(identity(), behaviour, { allowHalfOpen: true }));
    const socket = connect(server.port, { allowHalfOpen: true });
    await write(socket, "hello, ");
    expect(await readText(socket)).toBe("bye");
    // The WebSocket has no half-close: our bridge ends it when the server's TCP has ended.
    await write(socket, "and more").catch(() => {});
    await socket.writable.close().catch(() => {});
    expect(received.startsWith("hello, ")).toBe(true);
  });

  test("closeWrite() ends writing, and the answer can be read", async () => {
    const server = await keep(startNodeTls(identity(), digest, { allowHalfOpen: true }));
    const socket = connect(server.port);
    const writer = socket.writable.getWriter();
    void writer.write(new TextEncoder().encode("one"));
    void writer.write(new TextEncoder().encode("two"));
    await socket.closeWrite();
    await expect(writer.write(new Uint8Array(1))).rejects.toMatchObject({
      code: "configuration/invalid-state",
    });
    expect(await readText(socket)).toMatch(/^[0-9a-f]{64}$/);
    await socket.closed;
  });

  test("a refused certificate is the same error on the page", async () => {
    const server = await keep(startNodeTls(identity(), echo));
    const socket = connect(server.port, { servername: "other.example" });
    const error = await failureOf(() => socket.opened);
    expect(error).toMatchObject({ code: "certificate/wrong-name", alertSent: "bad_certificate" });
    expect(error.certificates?.[0]).toEqual(identity().certificate);
    await expect(socket.closed).rejects.toBe(error);
    await expect(readSome(socket)).rejects.toBe(error);
    await expect(write(socket, "x")).rejects.toBe(error);
  });

  test("the key log is asked for, and served", async () => {
    const server = await keep(startNodeTls(identity(), reverseLines));
    const lines: string[] = [];
    const socket = create({ keyLog: (line) => lines.push(line) }).connect(
      `localhost:${server.port}`,
    );
    await socket.opened;
    await write(socket, "abc\n");
    await readSome(socket);
    expect(lines.sort()).toEqual([...server.keyLog].sort());
    expect(lines).not.toEqual([]);
  });

  test("trace events tell of the bridge first, and of a failure what led to it", async () => {
    const server = await keep(startNodeTls(identity(), echo));
    const events: TraceEvent[] = [];
    const socket = connect(server.port, {
      servername: "other.example",
      trace: (event) => events.push(event),
    });
    await failureOf(() => socket.opened);
    const words = events.map((event) => ("name" in event ? event.name : event.kind));
    expect(words.slice(0, 3)).toEqual(["bridge-opening", "bridge-open", "client_hello"]);
    expect(words.slice(-3)).toEqual(["certificate", "bad_certificate", "ended"]);
    const times = events.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("a reader that cancels does not stop the writer", async () => {
    const server = await keep(startNodeTls(identity(), digest, { allowHalfOpen: true }));
    const socket = connect(server.port);
    await socket.readable.cancel();
    await write(socket, "one");
    await socket.closeWrite();
    await socket.closed;
  });
});

describe("backpressure", () => {
  // This WebSocket can't receive more slowly, so what counts is what crosses to the page.
  test("a reader that waits holds back the worker", async () => {
    const length = 32 * 1024 * 1024;
    const server = await keep(startNodeTls(identity(), source(length)));
    let crossed = 0;
    const worker = listenedIn(({ length }) => {
      crossed += length;
    });
    const socket = create({ worker }).connect(`localhost:${server.port}`);
    await socket.opened;
    const settled = await untilStill(() => crossed);
    expect(settled).toBeGreaterThan(0);
    expect(settled).toBeLessThan(2 * 1024 * 1024);
    const reader = socket.readable.getReader();
    let received = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      received += value.length;
    }
    expect(received).toBe(length);
  });

  test("a server that waits holds back the writer", async () => {
    let server: TLSSocket | undefined;
    const { port } = await keep(
      startNodeTls(identity(), (socket) => {
        server = socket.pause();
      }),
    );
    const socket = connect(port);
    await socket.opened;
    const writer = socket.writable.getWriter();
    const chunk = new Uint8Array(1024 * 1024);
    let accepted = 0;
    const writing = (async () => {
      for (; accepted < 64; accepted++) await writer.write(chunk);
    })();
    expect(await untilStill(() => accepted)).toBeLessThan(32);
    server?.resume();
    await writing;
  });
});
