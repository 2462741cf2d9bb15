import { describe, expect, test } from "vitest";
import { failureOf } from "../test/failure.ts";
import { startInThread } from "../test/in-thread.ts";
import { type ConnectOptions, type CreateTlsOptions, createTls, webtlsBridge } from "./index.ts";

const bridge = webtlsBridge("ws://localhost:1/");

/** A worker that must not be started. */
const unwanted = () => {
  throw new Error("a worker was started");
};

async function expectInvalid(option: string, call: () => unknown): Promise<void> {
  const error = await failureOf(call);
  expect(error.code).toBe("configuration/invalid-option");
  expect(error.phase).toBe("configuration");
  expect(error.message).toContain(`"${option}"`);
}

describe("createTls() checks its options at once", () => {
  test.each<[string, object]>([
    ["options", undefined as unknown as object],
    ["options", null as unknown as object],
    ["keyLog", { bridge, keyLog: "file.log" }],
    ["worker", { bridge, worker: "entry.js" }],
    // What the worker can't be given.
    ["roots", { bridge, roots: Symbol("mozilla") }],
  ])("%s", async (option, options) => {
    await expectInvalid(option, () => createTls(options as CreateTlsOptions));
  });
});

describe("connect() checks its own options before it starts anything", () => {
  const tls = createTls({ bridge, worker: unwanted });

  test.each<[string, unknown, object]>([
    ["address", null, {}],
    ["address", undefined, {}],
    ["address", 443, {}],
    ["address", { port: 443 }, {}],
    ["address", { hostname: "localhost", port: "443" }, {}],
    ["options", "localhost:1", null as unknown as object],
    ["signal", "localhost:1", { signal: new AbortController() }],
    ["trace", "localhost:1", { trace: [] }],
    // What the worker can't be given.
    ["servername", "localhost:1", { servername: Symbol("a.example") }],
  ])("%s", async (option, address, options) => {
    await expectInvalid(option, () => tls.connect(address as string, options as ConnectOptions));
  });
});

describe("what the worker acts on is checked there", () => {
  const wrong: [string, object][] = [
    ["connectTimeout", { connectTimeout: 0 }],
    ["handshakeTimeout", { handshakeTimeout: 2 ** 31 }],
    ["alpn", { alpn: "h2" }],
    ["minVersion", { minVersion: "TLSv1.1" }],
    ["groups", { groups: ["x25519", () => {}] }],
    ["allowHalfOpen", { allowHalfOpen: 1 }],
    // Loaded where one of them is given.
    ["psk", { psk: "secret" }],
    ["ech", { ech: "yes" }],
    ["recordPadding", { recordPadding: 0 }],
    ["certificateDecompressors", { certificateDecompressors: [{}] }],
    // Names that nobody knows, or that belong elsewhere.
    ["sessions", { sessions: "memory" }],
    ["rejectUnauthorized", { rejectUnauthorized: false }],
    ["bridge", { bridge }],
  ];

  test.each(wrong)(
    "a bad %s fails the connection before anything is opened",
    async (option, bad) => {
      const opened: unknown[] = [];
      const open = async (...of: unknown[]) => {
        opened.push(of);
        throw new Error("a bridge was asked");
      };
      await using tls = createTls({ bridge, worker: () => startInThread({ open }) });
      for (const secureTransport of ["on", "off"] as const) {
        const socket = tls.connect("localhost:1", { ...bad, secureTransport });
        await expectInvalid(option, () => socket.opened);
        await expectInvalid(option, () => socket.closed);
      }
      expect(opened).toEqual([]);
    },
  );

  test.each<[unknown]>([
    ["localhost"],
    [{ hostname: "localhost", port: 0 }],
    [{ hostname: "", port: 443 }],
  ])("so does an address that is none: %j", async (address) => {
    const open = () => Promise.reject(new Error("a bridge was asked"));
    await using tls = createTls({ bridge, worker: () => startInThread({ open }) });
    const socket = tls.connect(address as string);
    await expectInvalid("address", () => socket.opened);
    await expectInvalid("address", () => socket.closed);
  });

  test("an address is the caller's own again at once", async () => {
    const asked: unknown[] = [];
    const open = (_: unknown, address: unknown) => {
      asked.push(address);
      return Promise.reject(new Error("enough"));
    };
    await using tls = createTls({ bridge, worker: () => startInThread({ open }) });
    const address = { hostname: "localhost", port: 1 };
    const socket = tls.connect(address);
    address.port = 2;
    await failureOf(() => socket.opened);
    expect(asked).toEqual([{ hostname: "localhost", port: 1 }]);
  });

  const wrongForAll: [string, object][] = [
    ["rejectUnauthorized", { rejectUnauthorized: false }],
    ["alpn", { alpn: ["h2"] }],
    ["connectTimeout", { connectTimeout: -1 }],
    ["connectTimeout", { connectTimeout: "10" }],
    ["handshakeTimeout", { handshakeTimeout: Number.POSITIVE_INFINITY }],
    ["handshakeTimeout", { handshakeTimeout: Number.NaN }],
    ["sessions", { sessions: "disk" }],
    ["sessions", { sessions: null }],
    ["sessions", { sessions: { take: () => {} } }],
    ["identity", { identity: "me" }],
    ["roots", { roots: [] }],
    ["roots", { roots: "a path" }],
    ["roots", { roots: () => "mozilla" }],
    ["publicKeys", { publicKeys: "a path" }],
  ];

  test.each(wrongForAll)("a bad %s of createTls() fails each connection", async (option, bad) => {
    const open = (_: unknown, _to: unknown, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    await using tls = createTls({ bridge, worker: () => startInThread({ open }), ...bad });
    for (const socket of [tls.connect("localhost:1"), tls.connect("localhost:1")]) {
      await expectInvalid(option, () => socket.opened);
    }
  });
});

test("options that are inherited count too", async () => {
  const given: CreateTlsOptions = { bridge, worker: startInThread };
  const inheriting = Object.create({ pins: "a path" });
  await using tls = createTls(Object.assign(inheriting, given));
  await expectInvalid("pins", () => tls.connect("localhost:1").opened);
  await using plain = createTls(given);
  const options = Object.create({ alpn: "h2" });
  await expectInvalid("alpn", () => plain.connect("localhost:1", options).opened);
});

test("a bad secureTransport fails the connection", async () => {
  await using tls = createTls({ bridge, worker: startInThread });
  const options = { secureTransport: true } as unknown as ConnectOptions;
  await expectInvalid("secureTransport", () => tls.connect("localhost:1", options).opened);
});

test.each<[string, unknown]>([
  ["none", undefined],
  ["null", null],
  ["a URL", "wss://bridge.example/"],
  ["a kind that nobody knows", { kind: "other", url: "wss://bridge.example/" }],
  ["no URL", { kind: "webtls", uri: "wss://bridge.example/" }],
  ["a URL of nothing", { kind: "webtls", url: "bridge.example" }],
])("a bad bridge fails each connection: %s", async (_, bad) => {
  const options = { bridge: bad, worker: startInThread } as CreateTlsOptions;
  await using tls = createTls(options);
  for (const secureTransport of ["on", "off"] as const) {
    await expectInvalid("bridge", () => tls.connect("localhost:1", { secureTransport }).opened);
  }
});

test("no worker is started before the first connection, and none is left behind", async () => {
  let terminated = () => false;
  let started = 0;
  const worker = () => {
    started += 1;
    const worker = startInThread();
    terminated = () => worker.terminated;
    return worker;
  };
  const unused = createTls({ bridge, worker });
  await unused.close();
  expect(started).toBe(0);
  {
    await using tls = createTls({ bridge, worker });
    void tls.connect("localhost:1");
    void tls.connect("localhost:1");
    expect(started).toBe(1);
  }
  expect(terminated()).toBe(true);
});
