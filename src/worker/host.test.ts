import { afterEach, describe, expect, test } from "vitest";
import type { ByteStream } from "../bridge/byte-stream.ts";
import { webtlsBridge } from "../bridge/descriptor.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { costOf, windowSize } from "../stream/credit.ts";
import type { Schedule } from "../stream/schedule.ts";
import { MemorySessionStore } from "../tls/session/memory.ts";
import type { SessionStore } from "../tls/session/store.ts";
import type { HostEnvironment } from "./connection.ts";
import { batchSize } from "./fairness.ts";
import { Host } from "./host.ts";
import {
  type ConnectRequest,
  functionKey,
  type PageMessage,
  type WorkerMessage,
} from "./protocol.ts";
import { WorkerSessions } from "./sessions.ts";

const setup = { bridge: webtlsBridge("ws://127.0.0.1/"), trust: {}, keyLog: false };
const plain: ConnectRequest = {
  address: "localhost:1",
  options: { secureTransport: "off" },
  defaults: { connectTimeout: 1000, handshakeTimeout: 1000 },
};

const reference = { [functionKey]: "1." };

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** The page's end of a connection, by hand. */
class Page {
  readonly #port: MessagePort;
  readonly #messages: WorkerMessage[] = [];
  #wake = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      this.#messages.push(data);
      this.#wake();
    };
  }

  post(message: PageMessage): void {
    this.#port.postMessage(message);
  }

  /** The next message, which must be of the type. */
  async next<Type extends WorkerMessage["type"]>(
    type: Type,
  ): Promise<Extract<WorkerMessage, { type: Type }>> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#messages.shift();
    expect(message).toMatchObject({ type });
    return message as Extract<WorkerMessage, { type: Type }>;
  }

  /** What has come, once the worker has had time to do all it is going to do. */
  async settled(): Promise<WorkerMessage[]> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    return this.#messages.splice(0);
  }
}

/** A byte stream that has some chunks to read and keeps what it is to send. */
class Script implements ByteStream {
  readonly sent: Bytes[] = [];
  closed = false;
  reads = 0;
  #chunks: (Bytes | undefined | TlsError)[];
  #wake = () => {};

  constructor(...chunks: (Bytes | undefined | TlsError)[]) {
    this.#chunks = chunks;
  }

  push(chunk: Bytes): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  async read(): Promise<Bytes | undefined> {
    while (this.#chunks.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.reads += 1;
    const chunk = this.#chunks.shift();
    if (chunk instanceof TlsError) throw chunk;
    return chunk;
  }

  async send(chunks: readonly Bytes[]): Promise<void> {
    this.sent.push(...chunks);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#wake();
  }
}

function start(
  stream: ByteStream | HostEnvironment["open"],
  request: Partial<ConnectRequest> = {},
  environment: Partial<HostEnvironment> = {},
): Page {
  const open = typeof stream === "function" ? stream : async () => stream;
  const host = new Host({ open, ...environment });
  host.receive({ type: "setup", setup });
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  host.receive({ type: "connect", port: port2, request: { ...plain, ...request } });
  return new Page(port1);
}

const filled = (length: number, value = 0) => new Uint8Array(length).fill(value);
const total = (messages: WorkerMessage[]) =>
  messages
    .flatMap((message) => (message.type === "data" ? message.chunks : []))
    .reduce((sum, { length }) => sum + length, 0);

describe("bytes for the page", () => {
  test("stop at the window, and go on with credit", async () => {
    const chunks = Array.from({ length: 40 }, () => filled(batchSize / 2));
    const stream = new Script(...chunks);
    const page = start(stream);
    await page.next("opened");
    const first = total(await page.settled());
    expect(first).toBe(windowSize);
    // What was not asked for is left with the bridge.
    expect(stream.reads).toBeLessThanOrEqual(windowSize / (batchSize / 2) + 1);
    page.post({ type: "credit", cost: batchSize });
    expect(total(await page.settled())).toBe(batchSize);
    page.post({ type: "credit", cost: windowSize });
    expect(total(await page.settled())).toBe(windowSize);
  });

  test("stop at the window by their count too, however small they are", async () => {
    const count = 20_000;
    const page = start(new Script(...Array.from({ length: count }, () => filled(1))));
    await page.next("opened");
    const first = total(await page.settled());
    expect(first).toBe(Math.ceil(windowSize / costOf([filled(1)])));
    page.post({ type: "credit", cost: costOf([filled(1)]) * first });
    expect(total(await page.settled())).toBe(first);
  });

  test("of a huge message come in pieces, whole and in order", async () => {
    const huge = filled(batchSize * 2 + 5).map((_, index) => index % 251);
    const page = start(new Script(huge.slice(), undefined));
    await page.next("opened");
    const messages = await page.settled();
    const chunks = messages.flatMap((message) => (message.type === "data" ? message.chunks : []));
    expect(chunks.map(({ length }) => length)).toEqual([batchSize, batchSize, 5]);
    expect(Buffer.compare(Buffer.concat(chunks), huge)).toBe(0);
    expect(messages.at(-1)).toEqual({ type: "ended" });
  });

  test("of two busy connections take turns", async () => {
    const order: number[] = [];
    const busy = (name: number): ByteStream => {
      let left = 16;
      return {
        async read() {
          order.push(name);
          left -= 1;
          return left < 0 ? undefined : filled(batchSize / 2);
        },
        send: async () => {},
        close: async () => {},
      };
    };
    const pages = [start(busy(1)), start(busy(2))];
    for (const page of pages) page.post({ type: "credit", cost: 100 * windowSize });
    for (const page of pages) await page.settled();
    // Neither reads three batches before the other comes to read one.
    const runs = order.join("").match(/1+|2+/g) ?? [];
    expect(runs.length).toBeGreaterThan(4);
    expect(Math.max(...runs.map(({ length }) => length))).toBeLessThanOrEqual(6);
  });
});

describe("bytes of the page", () => {
  test("are sent in order, and credit is given for them", async () => {
    const stream = new Script();
    const page = start(stream);
    await page.next("opened");
    for (const value of [1, 2, 3]) page.post({ type: "data", bytes: filled(10, value) });
    let credit = 0;
    while (credit < 30) credit += (await page.next("credit")).cost;
    expect(Buffer.concat(stream.sent)).toEqual(
      Buffer.concat([filled(10, 1), filled(10, 2), filled(10, 3)]),
    );
  });

  test("that can't be sent fail the writing, not the reading", async () => {
    const stream = new Script();
    stream.send = async () => {
      throw new TlsError("bridge/closed", "gone");
    };
    const page = start(stream);
    await page.next("opened");
    page.post({ type: "data", bytes: filled(10) });
    expect((await page.next("write-failed")).error.code).toBe("bridge/closed");
    stream.push(filled(7));
    expect((await page.next("data")).chunks[0]).toHaveLength(7);
  });

  test("are all sent before the close", async () => {
    const stream = new Script();
    const page = start(stream);
    await page.next("opened");
    page.post({ type: "data", bytes: filled(10) });
    page.post({ type: "close" });
    await page.next("credit");
    await page.next("closed");
    expect(stream.sent).toHaveLength(1);
    expect(stream.closed).toBe(true);
  });
});

describe("STARTTLS", () => {
  test("is refused while the page has not taken all plaintext", async () => {
    const stream = new Script(filled(5));
    const page = start(stream, { options: { secureTransport: "starttls" } });
    await page.next("opened");
    await page.next("data");
    page.post({ type: "credit", cost: 4 });
    page.post({ type: "start-tls", tls: {} });
    expect((await page.next("failed")).error.code).toBe("configuration/invalid-state");
    // Not one byte of TLS was sent.
    expect(stream.sent).toEqual([]);
    expect(stream.closed).toBe(true);
  });

  test("fails at once where the server has ended the plain connection", async () => {
    const page = start(new Script(undefined), { options: { secureTransport: "starttls" } });
    await page.next("opened");
    await page.next("ended");
    page.post({ type: "start-tls", tls: {} });
    expect((await page.next("failed")).error.code).toBe("closed/truncated");
  });

  test("begins with a ClientHello, behind what was written before", async () => {
    const stream = new Script();
    const page = start(stream, { options: { secureTransport: "starttls" } });
    await page.next("opened");
    page.post({ type: "data", bytes: filled(3, 0x2e) });
    page.post({ type: "start-tls", tls: {} });
    await page.next("credit");
    while (stream.sent.length < 2) await page.settled();
    // A handshake record, and in it a ClientHello (RFC 8446 §4, §5.1).
    const { 0: recordType, 5: messageType } = Buffer.concat(stream.sent.slice(1));
    expect({ recordType, messageType }).toEqual({ recordType: 22, messageType: 1 });
    page.post({ type: "abort", error: new TlsError("aborted", "enough").toRecord() });
    await page.next("failed");
  });
});

describe("options of STARTTLS", () => {
  const options = { secureTransport: "starttls", servername: "not a name" };

  test("are those of the request", async () => {
    const page = start(new Script(), { options });
    await page.next("opened");
    page.post({ type: "start-tls", tls: {} });
    expect((await page.next("failed")).error.code).toBe("configuration/invalid-option");
  });

  test("give way to those given then", async () => {
    const stream = new Script();
    const page = start(stream, { options });
    await page.next("opened");
    page.post({ type: "start-tls", tls: { servername: "other.example" } });
    while (stream.sent.length === 0) await page.settled();
    expect(Buffer.concat(stream.sent).includes("other.example")).toBe(true);
    page.post({ type: "abort", error: new TlsError("aborted", "enough").toRecord() });
    await page.next("failed");
  });
});

describe("the end", () => {
  test("that the bridge reports is the connection's", async () => {
    const page = start(new Script(filled(3), new TlsError("bridge/closed", "gone")));
    await page.next("opened");
    await page.next("data");
    const { error } = await page.next("failed");
    expect(error).toMatchObject({ code: "bridge/closed", message: "gone" });
  });

  test("of the wait for a bridge, by the clock", async () => {
    let expire = () => {};
    let cancelled = false;
    const schedule: Schedule = (run) => {
      expire = run;
      return () => {
        cancelled = true;
      };
    };
    const never: HostEnvironment["open"] = (_bridge, _address, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const page = start(never, {}, { schedule });
    await page.settled();
    expire();
    expect((await page.next("failed")).error.code).toBe("timeout/connect");
    expect(cancelled).toBe(true);
  });

  test("of an attempt that is aborted closes a stream that opens too late", async () => {
    const stream = new Script();
    let open = () => {};
    const late: HostEnvironment["open"] = () =>
      new Promise((resolve) => {
        open = () => resolve(stream);
      });
    const page = start(late);
    page.post({ type: "abort", error: new TlsError("aborted", "enough").toRecord() });
    await page.settled();
    open();
    expect((await page.next("failed")).error.code).toBe("aborted");
    expect(stream.closed).toBe(true);
  });

  test("comes at once where the options can't be used", async () => {
    const page = start(new Script(), {
      options: { secureTransport: "on", servername: "not a name" },
    });
    expect((await page.next("failed")).error.code).toBe("configuration/invalid-option");
  });
});

describe("the persistent store of sessions", () => {
  test.each([
    ["on", 1],
    ["starttls", 1],
    ["off", 0],
  ] as const)('is opened while the bridge is ("%s": %i times)', async (secureTransport, times) => {
    const opened: string[] = [];
    const sessions = new WorkerSessions(async () => {
      opened.push("store");
      return new MemorySessionStore();
    });
    const bridge: HostEnvironment["open"] = async () => {
      opened.push("bridge");
      return new Script(undefined);
    };
    const page = start(
      bridge,
      { options: { secureTransport }, defaults: { sessions: "persistent" } },
      { sessions },
    );
    await page.settled();
    expect(opened).toEqual([...new Array(times).fill("store"), "bridge"]);
  });

  test.each([
    ["persistent, where others find the partition too", {}, ["persistent"]],
    ["the memory, with a verdict of the caller's", { dangerousVerify: reference }, ["memory"]],
    ["the memory, with a choice of the caller's", { identity: reference }, ["memory"]],
  ])("is %s", async (_, tls, asked) => {
    const taken: string[] = [];
    const storeOf = (name: string): SessionStore => ({
      put: () => {},
      take: () => void taken.push(name),
    });
    const sessions = new WorkerSessions(async () => storeOf("persistent"));
    const named = sessions.named.bind(sessions);
    sessions.named = (name) => (name === "memory" ? storeOf(name) : named(name));
    const stream = new Script();
    const page = start(
      stream,
      {
        options: { secureTransport: "on", ...tls },
        defaults: { sessions: "persistent", handshakeTimeout: 60_000 },
      },
      { sessions },
    );
    while (stream.sent.length === 0) await page.settled();
    expect(taken).toEqual(asked);
    page.post({ type: "abort", error: new TlsError("aborted", "enough").toRecord() });
    await page.next("failed");
  });
});

test("a page that has not set up is told so", () => {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expect(() => new Host().receive({ type: "connect", port: port2, request: plain })).toThrow();
});
