import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Authority, createAuthority, type Issued } from "../../test/authority.ts";
import { failureOf } from "../../test/failure.ts";
import { nodeDuplex } from "../../test/node-duplex.ts";
import {
  digest,
  echo,
  reverseLines,
  source,
  startNodeTls,
  startTruncating,
} from "../../test/servers/node-tls.ts";
import { startSilent } from "../../test/servers/tcp.ts";
import type { TlsOptions } from "../tls/options.ts";
import { type ByteDuplex, type ConnectTlsOptions, connectTls, type TlsDuplex } from "./duplex.ts";
import type { TraceEvent } from "./trace.ts";

let root: Authority;
let identity: Issued;
beforeAll(async () => {
  root = await createAuthority();
  identity = await root.issue({ names: ["localhost"] });
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

function dial(port: number): { socket: Socket; duplex: ByteDuplex } {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  endings.push(() => socket.destroy());
  return { socket, duplex: nodeDuplex(socket) };
}

function client(port: number, options: Partial<ConnectTlsOptions> = {}): TlsDuplex {
  return connectTls(dial(port).duplex, { hostname: "localhost", roots: root.pem, ...options });
}

async function write(tls: TlsDuplex, text: string): Promise<void> {
  const writer = tls.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

async function readText(tls: TlsDuplex): Promise<string> {
  const decoder = new TextDecoder();
  const reader = tls.readable.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

describe.each(["TLSv1.3", "TLSv1.2"] as const)("TLS over a Node socket (%s)", (version) => {
  const only: TlsOptions = { minVersion: version, maxVersion: version };

  test("carries data both ways and says what was negotiated", async () => {
    const server = await keep(startNodeTls(identity, reverseLines));
    const tls = client(server.port, only);
    expect(await tls.opened).toMatchObject({ version, handshake: "full" });
    await write(tls, "abc\n");
    const { value } = await tls.readable.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("cba\n");
    await tls.close();
    expect(server.failures).toEqual([]);
  });

  test("echoes a few MiB as they went, written and read at once", async () => {
    const server = await keep(startNodeTls(identity, echo));
    const tls = client(server.port, only);
    const length = 5 * 1024 * 1024 + 17;
    const sent = new Uint8Array(length).map((_, index) => index % 251);
    const writer = tls.writable.getWriter();
    const writing = writer.write(sent).then(() => writer.close());
    const received = new Uint8Array(length);
    let offset = 0;
    const reader = tls.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      received.set(value, offset);
      offset += value.length;
    }
    await writing;
    expect(offset).toBe(length);
    expect(Buffer.compare(received, sent)).toBe(0);
    await tls.closed;
  });

  test("closeWrite() ends writing, and the answer can be read", async () => {
    const server = await keep(startNodeTls(identity, digest, { allowHalfOpen: true }));
    const tls = client(server.port, only);
    const writer = tls.writable.getWriter();
    void writer.write(new TextEncoder().encode("one"));
    void writer.write(new TextEncoder().encode("two"));
    // Possible in spite of the lock, and behind what was written before.
    await tls.closeWrite();
    await expect(writer.write(new Uint8Array(1))).rejects.toMatchObject({
      code: "configuration/invalid-state",
    });
    expect(await readText(tls)).toMatch(/^[0-9a-f]{64}$/);
    await tls.closed;
  });

  test("delivers what came before a truncation, then fails", async () => {
    const server = await keep(startTruncating(identity, "the beginning", only));
    const tls = client(server.port, only);
    await write(tls, "go");
    await expect(tls.closed).rejects.toMatchObject({ code: "closed/truncated" });
    const reader = tls.readable.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe("the beginning");
    await expect(reader.read()).rejects.toMatchObject({ code: "closed/truncated" });
  });
});

/** Ends at the first word of the client's. */
const sayBye = (socket: TLSSocket) => void socket.once("data", () => socket.end("bye"));

test("the server's end ends both directions", async () => {
  const server = await keep(startNodeTls(identity, sayBye));
  const tls = client(server.port);
  await write(tls, "hello");
  expect(await readText(tls)).toBe("bye");
  await tls.closed;
  await expect(tls.writable.getWriter().write(new Uint8Array(1))).rejects.toMatchObject({
    code: expect.stringMatching(/^closed\//),
  });
});

test("with allowHalfOpen, writing goes on after the server's end", async () => {
  const received = new Promise<string>((resolve) => {
    const behaviour = (socket: TLSSocket) => {
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      socket.on("end", () => resolve(text));
      sayBye(socket);
    };
    void keep(startNodeTls(identity, behaviour, { allowHalfOpen: true })).then(async (server) => {
      const tls = client(server.port, { allowHalfOpen: true });
      await write(tls, "hello, ");
      await readText(tls);
      await write(tls, "and one thing more");
      await tls.writable.close();
      await tls.closed;
    });
  });
  expect(await received).toBe("hello, and one thing more");
});

test("a reader that waits holds back the server", async () => {
  let written = 0;
  const length = 64 * 1024 * 1024;
  const server = await keep(
    startNodeTls(
      identity,
      source(length, (total) => {
        written = total;
      }),
    ),
  );
  const tls = client(server.port);
  await tls.opened;
  const settled = await untilStill(() => written);
  expect(settled).toBeLessThan(length / 2);
  const reader = tls.readable.getReader();
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
  const tls = client(port);
  await tls.opened;
  const writer = tls.writable.getWriter();
  let accepted = 0;
  const writing = (async () => {
    for (; accepted < 64; accepted++) await writer.write(new Uint8Array(1024 * 1024));
  })();
  const settled = await untilStill(() => accepted);
  expect(settled).toBeLessThan(32);
  server?.resume();
  await writing;
  expect(accepted).toBe(64);
});

/** The value once it has not changed for a while. */
async function untilStill(value: () => number): Promise<number> {
  for (let last = -1; last !== value(); ) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return value();
}

describe("the end of waits", () => {
  test("a silent server runs into the handshake timeout", async () => {
    const { port } = await keep(startSilent());
    const tls = client(port, { handshakeTimeout: 50 });
    await expect(tls.opened).rejects.toMatchObject({ code: "timeout/handshake" });
    await expect(tls.closed).rejects.toMatchObject({ code: "timeout/handshake" });
  });

  test("a signal that is aborted already", async () => {
    const { port } = await keep(startSilent());
    const tls = client(port, { signal: AbortSignal.abort("because") });
    await expect(tls.opened).rejects.toMatchObject({ code: "aborted", cause: "because" });
  });

  test("an abort amid the handshake", async () => {
    const { port } = await keep(startSilent());
    const controller = new AbortController();
    const tls = client(port, { signal: controller.signal });
    const writing = tls.writable.getWriter().write(new Uint8Array(1));
    const reading = tls.readable.getReader().read();
    controller.abort("enough");
    const failures = [tls.opened, tls.closed, writing, reading].map(async (promise) => {
      await expect(promise).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    });
    await Promise.all(failures);
  });

  test("an abort of an open connection tells the server", async () => {
    const ended = new Promise<void>((resolve) => {
      void keep(
        startNodeTls(identity, (socket) => socket.resume().on("end", () => resolve())),
      ).then(async ({ port }) => {
        const controller = new AbortController();
        const tls = client(port, { signal: controller.signal });
        await tls.opened;
        const reading = tls.readable.getReader().read();
        controller.abort();
        await expect(reading).rejects.toMatchObject({ code: "aborted" });
      });
    });
    await ended;
  });

  test("close() before the connection is open", async () => {
    const { port } = await keep(startSilent());
    const tls = client(port);
    await tls.close();
    await expect(tls.opened).rejects.toMatchObject({ code: "closed/local" });
  });

  test("close() twice, and after a failure", async () => {
    const server = await keep(startNodeTls(identity, echo));
    const tls = client(server.port);
    await tls.opened;
    await Promise.all([tls.close(), tls.close()]);
    const failed = client(server.port, { hostname: "other.example" });
    await expect(failed.opened).rejects.toMatchObject({ code: "certificate/wrong-name" });
    await expect(failed.close()).rejects.toMatchObject({ code: "certificate/wrong-name" });
  });

  test("the transport beneath breaks off", async () => {
    const server = await keep(startNodeTls(identity, echo));
    const { socket, duplex } = dial(server.port);
    const tls = connectTls(duplex, { hostname: "localhost", roots: root.pem });
    await tls.opened;
    socket.destroy(new Error("pulled the plug"));
    await expect(tls.closed).rejects.toMatchObject({ code: "bridge/closed" });
  });
});

describe("options are checked at once", () => {
  const { port1, port2 } = { port1: new TransformStream(), port2: new TransformStream() };
  const duplex = { readable: port1.readable, writable: port2.writable };

  test.each([
    ["hostname", { hostname: "" }],
    ["alpn", { alpn: "h2" }],
    ["roots", { roots: [] }],
    ["pins", { pins: ["sha256/"] }],
    ["pins", { pins: [`sha256/${"A".repeat(43)}=`], dangerousVerify: () => {} }],
    ["findIssuers", { findIssuers: [] }],
    ["handshakeTimeout", { handshakeTimeout: 0 }],
    ["handshakeTimeout", { handshakeTimeout: Number.POSITIVE_INFINITY }],
    ["allowHalfOpen", { allowHalfOpen: "yes" }],
    ["signal", { signal: {} }],
    ["keyLog", { keyLog: true }],
    ["sessions", { sessions: { put() {} } }],
    ["sessionLabel", { sessionLabel: 443 }],
    ["psk", { psk: "secret" }],
    ["earlyData", { earlyData: "GET /" }],
    ["trace", { trace: true }],
    ["dangerousVerify", { dangerousVerify: true }],
    ["certificateDecompressors", { certificateDecompressors: {} }],
    ["certificateDecompressors", { certificateDecompressors: [{ algorithm: 7 }] }],
    [
      "certificateDecompressors",
      { certificateDecompressors: [{ algorithm: 2 ** 16, decompress: () => {} }] },
    ],
    ["publicKeys", { publicKeys: [] }],
    ["publicKeys", { dangerousVerify: () => {}, publicKeys: [new Uint8Array(1)] }],
    ["roots", { dangerousVerify: () => {}, roots: "mozilla" }],
    ["ocspStapling", { dangerousVerify: () => {}, ocspStapling: "required" }],
    ["servernmae", { servernmae: "typo" }],
  ])("%s", async (name, options) => {
    const all = { hostname: "localhost", ...options } as ConnectTlsOptions;
    const error = await failureOf(() => connectTls(duplex, all));
    expect(error.code).toBe("configuration/invalid-option");
    expect(error.message).toContain(`"${name}"`);
  });
});

describe("the duplex beneath", () => {
  const options = { hostname: "localhost" };
  const pair = () => ({
    readable: new ReadableStream<Uint8Array>(),
    writable: new WritableStream<Uint8Array>(),
  });

  test.each<[string, unknown, unknown]>([
    ["duplex", undefined, options],
    ["duplex", {}, options],
    ["options", pair(), undefined],
  ])("is checked at once: %s", async (name, duplex, given) => {
    const error = await failureOf(() =>
      connectTls(duplex as ByteDuplex, given as ConnectTlsOptions),
    );
    expect(error.code).toBe("configuration/invalid-option");
    expect(error.message).toContain(`"${name}"`);
  });

  test("stays as it is where one of its streams is locked", async () => {
    const { readable, writable } = pair();
    writable.getWriter();
    const error = await failureOf(() => connectTls({ readable, writable }, options));
    expect(error.code).toBe("configuration/invalid-state");
    expect(readable.locked).toBe(false);
  });

  test("may give ArrayBuffers", async () => {
    const server = await keep(startNodeTls(identity, reverseLines));
    const { duplex } = dial(server.port);
    const buffers = new TransformStream<Uint8Array, ArrayBuffer>({
      transform: (chunk, controller) => controller.enqueue(new Uint8Array(chunk).buffer),
    });
    const readable = duplex.readable.pipeThrough(buffers) as ReadableStream<unknown>;
    const tls = connectTls(
      { readable: readable as ReadableStream<Uint8Array>, writable: duplex.writable },
      { hostname: "localhost", roots: root.pem },
    );
    await tls.opened;
    await tls.close();
  });

  test("that gives anything else fails the connection", async () => {
    const { writable } = pair();
    const readable = new ReadableStream<unknown>({
      start: (controller) => controller.enqueue("text"),
    }) as ReadableStream<Uint8Array>;
    const tls = connectTls({ readable, writable }, options);
    await expect(tls.opened).rejects.toMatchObject({ code: "bridge/protocol" });
  });
});

test("trace events come with their time, to a listener that may do what it likes", async () => {
  const server = await keep(startNodeTls(identity, echo));
  const events: TraceEvent[] = [];
  const tls = client(server.port, {
    trace(event) {
      events.push(event);
      // Called from within the protocol, this would be in the middle of sending.
      if (event.kind === "message-sent" && event.name === "client_hello") void tls.closeWrite();
    },
  });
  await tls.opened;
  await tls.closed;
  expect(events[0]).toMatchObject({ kind: "message-sent", name: "client_hello" });
  const kinds = events.map(({ kind }) => kind);
  expect(kinds.indexOf("handshake-done")).toBeLessThan(kinds.indexOf("alert-sent"));
  const times = events.map(({ at }) => at);
  expect(times[0]).toBeGreaterThanOrEqual(0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("what the handshake took is told, on the wire and in time", async () => {
  const server = await keep(startNodeTls(identity, echo));
  const events: TraceEvent[] = [];
  const tls = client(server.port, { trace: (event) => events.push(event) });
  const { timings } = await tls.opened;
  expect(timings.firstByte).toBeGreaterThan(0);
  expect(timings.handshake).toBeGreaterThanOrEqual(timings.firstByte);
  expect(timings).not.toHaveProperty("bridgeOpen");
  await tls.close();
  await expect.poll(() => events.at(-1)?.kind).toBe("ended");
  const counts = events.filter((event) => "sent" in event);
  expect(counts.map(({ kind }) => kind)).toEqual(["handshake-done", "ended"]);
  // close_notify, and nothing else, was sent after the handshake.
  expect((counts[1]?.sent.records ?? 0) - (counts[0]?.sent.records ?? 0)).toBe(1);
});

test("writing what is no bytes fails, and the connection with it", async () => {
  const server = await keep(startNodeTls(identity, echo));
  const tls = client(server.port);
  await tls.opened;
  const text = "text" as unknown as Uint8Array;
  await expect(tls.writable.getWriter().write(text)).rejects.toMatchObject({
    code: "configuration/invalid-option",
  });
  await expect(tls.closed).rejects.toMatchObject({ code: "configuration/invalid-option" });
});
