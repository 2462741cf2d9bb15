import { Buffer } from "node:buffer";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Authority, createAuthority, type Issued } from "../test/authority.ts";
import { failureOf } from "../test/failure.ts";
import { type InThreadWorker, origin, startInThread } from "../test/in-thread.ts";
import { type RunningBridge, startBridge } from "../test/servers/bridges.ts";
import {
  digest,
  echo,
  reverseLines,
  source,
  startNodeTls,
  startStartTls,
  startTruncating,
} from "../test/servers/node-tls.ts";
import { freePort } from "../test/servers/process.ts";
import { startPlain, startSilent, startTcp } from "../test/servers/tcp.ts";
import {
  type ConnectOptions,
  type CreateTlsOptions,
  createTls,
  type Socket,
  type SocketInfo,
  type Tls,
  webtlsBridge,
} from "./index.ts";

let root: Authority;
let identity: Issued;
let bridge: RunningBridge;
beforeAll(async () => {
  root = await createAuthority();
  identity = await root.issue({ names: ["localhost"] });
  bridge = await startBridge("webtls", origin);
  return () => bridge.stop();
});

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function keep<Server extends { stop(): Promise<void> }>(starting: Promise<Server>) {
  const server = await starting;
  endings.push(() => server.stop());
  return server;
}

function create(options: Partial<CreateTlsOptions> = {}): Tls {
  const tls = createTls({
    bridge: webtlsBridge(bridge.url),
    roots: root.pem,
    worker: startInThread,
    ...options,
  });
  endings.push(() => tls.close());
  return tls;
}

function connect(port: number, options?: ConnectOptions): Socket {
  return create().connect(`localhost:${port}`, options);
}

async function write(socket: Socket<SocketInfo>, text: string): Promise<void> {
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

async function readText(socket: Socket<SocketInfo>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = socket.readable.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

async function readSome(socket: Socket<SocketInfo>): Promise<string> {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

/** Ends at the first word of the client's. */
const sayBye = (socket: TLSSocket) => void socket.once("data", () => socket.end("bye"));

/** The value once it has not changed for a while. */
async function untilStill(value: () => number): Promise<number> {
  for (let last = -1; last !== value(); ) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return value();
}

/** A worker whose data for the page is looked at as it crosses. */
function listenedIn(look: (chunk: Uint8Array) => void): () => InThreadWorker {
  return () => {
    const worker = startInThread();
    return {
      ...worker,
      terminated: false,
      postMessage(message, transfer) {
        if (message.type !== "connect") return worker.postMessage(message, transfer);
        const { port1: outer, port2 } = new MessageChannel();
        const inner = message.port;
        inner.onmessage = ({ data }) => outer.postMessage(data);
        outer.onmessage = ({ data }) => {
          if (data.type === "data") data.chunks.forEach(look);
          inner.postMessage(data);
        };
        worker.postMessage({ ...message, port: port2 }, [port2]);
      },
    };
  };
}

describe("a TLS socket", () => {
  test("carries data both ways and says what was negotiated", async () => {
    const server = await keep(startNodeTls(identity, reverseLines));
    const socket = connect(server.port, { alpn: [] });
    expect(await socket.opened).toMatchObject({
      version: "TLSv1.3",
      remoteAddress: `localhost:${server.port}`,
      localAddress: null,
    });
    expect((await socket.opened).certificates[0]).toEqual(identity.certificate);
    expect(socket).toMatchObject({ secureTransport: "on", upgraded: false });
    await write(socket, "abc\n");
    expect(await readSome(socket)).toBe("cba\n");
    await socket.close();
    expect(server.failures).toEqual([]);
  });

  test("two connections in one worker do not mingle", async () => {
    const server = await keep(startNodeTls(identity, echo));
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
    const server = await keep(startNodeTls(identity, reverseLines));
    const socket = connect(server.port);
    const buffer = new TextEncoder().encode("-one\n-");
    const writer = socket.writable.getWriter();
    await writer.write(buffer.subarray(1, 5));
    expect(buffer.length).toBe(6);
    buffer.fill(0);
    expect(await readSome(socket)).toBe("eno\n");
  });

  test("delivers what came before a truncation, then fails", async () => {
    const server = await keep(startTruncating(identity, "the beginning"));
    const socket = connect(server.port);
    await write(socket, "go");
    await expect(socket.closed).rejects.toMatchObject({ code: "closed/truncated" });
    expect(await readSome(socket)).toBe("the beginning");
    await expect(readSome(socket)).rejects.toMatchObject({ code: "closed/truncated" });
  });

  test("the server's end ends both directions", async () => {
    const server = await keep(startNodeTls(identity, sayBye));
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
    const server = await keep(startNodeTls(identity, behaviour, { allowHalfOpen: true }));
    const socket = connect(server.port, { allowHalfOpen: true });
    await write(socket, "hello, ");
    expect(await readText(socket)).toBe("bye");
    // The WebSocket has no half-close: our bridge ends it when the server's TCP has ended.
    await write(socket, "and more").catch(() => {});
    await socket.writable.close().catch(() => {});
    expect(received.startsWith("hello, ")).toBe(true);
  });

  test("closeWrite() ends writing, and the answer can be read", async () => {
    const server = await keep(startNodeTls(identity, digest, { allowHalfOpen: true }));
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
    const server = await keep(startNodeTls(identity, echo));
    const socket = connect(server.port, { servername: "other.example" });
    const error = await failureOf(() => socket.opened);
    expect(error).toMatchObject({ code: "certificate/wrong-name", alertSent: "bad_certificate" });
    expect(error.certificates?.[0]).toEqual(identity.certificate);
    await expect(socket.closed).rejects.toBe(error);
    await expect(readSome(socket)).rejects.toBe(error);
    await expect(write(socket, "x")).rejects.toBe(error);
  });

  test("the key log is asked for, and served", async () => {
    const server = await keep(startNodeTls(identity, reverseLines));
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

  test("a reader that cancels does not stop the writer", async () => {
    const server = await keep(startNodeTls(identity, digest, { allowHalfOpen: true }));
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
    const server = await keep(startNodeTls(identity, source(length)));
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
      startNodeTls(identity, (socket) => {
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

describe("plain sockets", () => {
  test("carry bytes as they are", async () => {
    const { port } = await keep(startPlain("an answer"));
    const socket = create().connect(`localhost:${port}`, { secureTransport: "off" });
    const info = await socket.opened;
    expect(info).toEqual({ remoteAddress: `localhost:${port}`, localAddress: null });
    await write(socket, "a question");
    expect(await readText(socket)).toBe("an answer");
    await socket.closed;
  });

  test("become TLS by startTls()", async () => {
    const { port } = await keep(startStartTls(identity));
    const plain = create().connect(`localhost:${port}`, { secureTransport: "starttls" });
    await plain.opened;
    expect(await readSome(plain)).toBe("220 ready\r\n");
    await write(plain, "STARTTLS\r\n");
    expect(await readSome(plain)).toBe("220 go ahead\r\n");
    const socket = plain.startTls();
    await plain.closed;
    expect(plain.upgraded).toBe(true);
    expect(socket.secureTransport).toBe("on");
    expect(await socket.opened).toMatchObject({ version: "TLSv1.3" });
    await write(socket, "in private");
    expect(await readSome(socket)).toBe("in private");
    await expect(write(plain, "too late")).rejects.toMatchObject({
      code: "configuration/invalid-state",
    });
    await socket.close();
  });

  test("what was injected behind the go-ahead stops the upgrade", async () => {
    const { port } = await keep(
      startTcp((socket) => {
        socket.setNoDelay();
        socket.once("data", () => {
          socket.write("220 go ahead\r\n");
          socket.once("data", () => socket.write("injected\r\n"));
        });
      }),
    );
    let crossed = () => {};
    const injected = new Promise<void>((resolve) => {
      crossed = resolve;
    });
    const worker = listenedIn((chunk) => Buffer.from(chunk).includes("injected") && crossed());
    const plain = create({ worker }).connect(`localhost:${port}`, { secureTransport: "starttls" });
    await plain.opened;
    await write(plain, "STARTTLS\r\n");
    expect(await readSome(plain)).toBe("220 go ahead\r\n");
    await write(plain, "NOOP\r\n");
    await injected;
    // Refused by the socket or, where the bytes are still on their way to it, by the worker.
    const error = await failureOf(() => plain.startTls().opened);
    expect(error.code).toBe("configuration/invalid-state");
  });

  test("startTls() is refused where it makes no sense", async () => {
    const { port } = await keep(startStartTls(identity));
    const tls = create();
    const refused = async (socket: Socket<SocketInfo>, text: string) => {
      const error = await failureOf(() => socket.startTls());
      expect(error.code).toBe("configuration/invalid-state");
      expect(error.message).toContain(text);
    };
    const off = tls.connect(`localhost:${port}`, { secureTransport: "off" });
    await off.opened;
    await refused(off, "secureTransport");
    const plain = tls.connect(`localhost:${port}`, { secureTransport: "starttls" });
    await refused(plain, "not open");
    await plain.opened;
    const reader = plain.readable.getReader();
    await reader.read();
    await refused(plain, "locked");
    reader.releaseLock();
    const error = await failureOf(() => plain.startTls({ groups: [] }));
    expect(error.code).toBe("configuration/invalid-option");
    const secure = plain.startTls();
    await refused(plain, "before");
    await refused(secure, "secureTransport");
  });
});

describe("the end of waits", () => {
  test("a bridge that does not answer runs into connectTimeout", async () => {
    const { port } = await keep(startSilent());
    const tls = create({ bridge: webtlsBridge(`ws://127.0.0.1:${port}/`), connectTimeout: 50 });
    const socket = tls.connect("localhost:1");
    await expect(socket.opened).rejects.toMatchObject({ code: "timeout/connect" });
    await expect(socket.closed).rejects.toMatchObject({ code: "timeout/connect" });
  });

  test("a silent server runs into handshakeTimeout", async () => {
    const { port } = await keep(startSilent());
    const socket = connect(port, { handshakeTimeout: 50 });
    await expect(socket.opened).rejects.toMatchObject({ code: "timeout/handshake" });
  });

  test("a refused target is named", async () => {
    const port = await freePort();
    const error = await failureOf(() => connect(port).opened);
    expect(error).toMatchObject({ code: "bridge/refused", phase: "bridge", retrySafe: true });
    expect(error.message).toContain(`localhost:${port}`);
  });

  const moments: [string, (socket: Socket, abort: () => void) => Promise<void>][] = [
    ["at once", async (_, abort) => abort()],
    [
      "while the bridge is opened",
      async (_, abort) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        abort();
      },
    ],
    [
      "once it is open",
      async (socket, abort) => {
        await socket.opened;
        abort();
      },
    ],
    [
      "amid data",
      async (socket, abort) => {
        const reader = socket.readable.getReader();
        void write(socket, "hello");
        await reader.read();
        reader.releaseLock();
        abort();
      },
    ],
  ];
  test.each(moments)("an abort %s rejects everything", async (_, at) => {
    const server = await keep(startNodeTls(identity, echo));
    const controller = new AbortController();
    const socket = connect(server.port, { signal: controller.signal });
    await at(socket, () => controller.abort("enough"));
    const expected = { code: "aborted", cause: "enough" };
    await expect(socket.closed).rejects.toMatchObject(expected);
    await expect(readSome(socket)).rejects.toMatchObject(expected);
    await expect(write(socket, "x")).rejects.toMatchObject(expected);
  });

  test("an abort amid the handshake", async () => {
    const bytes: Buffer[] = [];
    let ended: Promise<void> | undefined;
    const greeted = new Promise<void>((resolve) => {
      void keep(
        startTcp((socket) => {
          ended = new Promise((done) => socket.once("end", done));
          socket.on("data", (chunk) => {
            bytes.push(chunk);
            resolve();
          });
        }),
      ).then(async ({ port }) => {
        const controller = new AbortController();
        const socket = connect(port, { signal: controller.signal });
        await greeted;
        controller.abort("enough");
        await expect(socket.opened).rejects.toMatchObject({ code: "aborted", cause: "enough" });
      });
    });
    await greeted;
    await ended;
    // user_canceled (90), then close_notify (0), both as warnings (RFC 8446 §6.1).
    const alerts = "1503030002015a" + "15030300020100";
    expect(Buffer.concat(bytes).toString("hex").endsWith(alerts)).toBe(true);
  });

  test("a signal that is aborted already", async () => {
    const socket = connect(1, { signal: AbortSignal.abort("before") });
    await expect(socket.opened).rejects.toMatchObject({ code: "aborted", cause: "before" });
  });

  test("close() before the connection is open", async () => {
    const { port } = await keep(startSilent());
    const socket = connect(port);
    await socket.close();
    await expect(socket.opened).rejects.toMatchObject({ code: "closed/local" });
    await expect(readText(socket)).resolves.toBe("");
  });

  test("close() sends what was written before", async () => {
    let text = "";
    const received = new Promise<void>((resolve) => {
      void keep(
        startNodeTls(identity, (socket) => {
          socket.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          socket.on("end", resolve);
        }),
      ).then(async ({ port }) => {
        const socket = connect(port);
        await socket.opened;
        const writer = socket.writable.getWriter();
        for (const word of ["one ", "two ", "three"]) {
          void writer.write(new TextEncoder().encode(word));
        }
        await socket.close();
      });
    });
    await received;
    expect(text).toBe("one two three");
  });

  test("close() of the client closes all sockets, and no more can be opened", async () => {
    const server = await keep(startNodeTls(identity, echo));
    let worker: InThreadWorker | undefined;
    const tls = create({
      worker: () => {
        worker = startInThread();
        return worker;
      },
    });
    const sockets = [1, 2, 3].map(() => tls.connect(`localhost:${server.port}`));
    await Promise.all(sockets.map((socket) => socket.opened));
    await tls.close();
    await Promise.all(sockets.map((socket) => socket.closed));
    expect(worker?.terminated).toBe(true);
    const error = await failureOf(() => tls.connect("localhost:1"));
    expect(error.code).toBe("configuration/invalid-state");
  });

  test("a crash of the worker rejects every open socket; the next one starts another", async () => {
    const server = await keep(startNodeTls(identity, reverseLines));
    const workers: InThreadWorker[] = [];
    const tls = create({
      worker: () => {
        const worker = startInThread();
        workers.push(worker);
        return worker;
      },
    });
    const sockets = [1, 2].map(() => tls.connect(`localhost:${server.port}`));
    await Promise.all(sockets.map((socket) => socket.opened));
    const reading = readSome(sockets[0] as Socket);
    workers[0]?.crash("out of memory");
    for (const promise of [reading, ...sockets.map((socket) => socket.closed)]) {
      await expect(promise).rejects.toMatchObject({ code: "closed/worker" });
    }
    expect(workers[0]?.terminated).toBe(true);
    const next = tls.connect(`localhost:${server.port}`);
    await next.opened;
    expect(workers).toHaveLength(2);
  });

  test("a worker that can't be started", async () => {
    const tls = create({
      worker: () => {
        throw new Error("blocked by policy");
      },
    });
    const socket = tls.connect("localhost:1");
    const error = await failureOf(() => socket.opened);
    expect(error.code).toBe("closed/worker");
  });
});
