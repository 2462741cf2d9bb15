/**
 * Functions of the caller's that the worker calls over a connection's port, and what the page asks of
 * a connection: by hand, over real ports, without TLS.
 */

import { afterEach, describe, expect, test } from "vitest";
import { failureOf } from "../../test/failure.ts";
import { TlsError } from "../errors.ts";
import { type CallMessage, Calls } from "../stream/calls.ts";
import { revived } from "../worker/options.ts";
import { CallerFunctions } from "./caller-functions.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Both ends of a connection: what the page passes on, the worker has with functions in it. */
function connected() {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const functions = new CallerFunctions();
  const page = new Calls(
    (message) => port1.postMessage(message),
    (name, args) => functions.call(name, args),
  );
  const worker = new Calls(
    (message) => port2.postMessage(message),
    (name, args) => `${name}(${args})`,
  );
  port1.onmessage = ({ data }: MessageEvent<CallMessage>) => page.take(data);
  port2.onmessage = ({ data }: MessageEvent<CallMessage>) => worker.take(data);
  const cross = (options: object) =>
    revived(functions.passedOn(options), (name, args) => worker.call(name, args)) as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
  return { page, worker, functions, cross };
}

describe("a function of the caller's", () => {
  test("is called with plain values, and what it returns comes back", async () => {
    const { cross } = connected();
    const { add } = cross({ add: async (a: number, b: { c: Uint8Array }) => [a, b.c] });
    expect(await add?.(1, { c: Uint8Array.of(2) })).toEqual([1, Uint8Array.of(2)]);
  });

  test("may return nothing, and functions itself", async () => {
    const { cross } = connected();
    const options = cross({
      nothing: () => {},
      choose: () => ({
        certificates: ["pem"],
        key: { schemes: ["a"], sign: (n: number) => n + 1 },
      }),
    });
    expect(await options.nothing?.()).toBeUndefined();
    const chosen = (await options.choose?.()) as {
      key: { schemes: string[]; sign(n: number): Promise<number> };
    };
    expect(chosen).toMatchObject({ certificates: ["pem"], key: { schemes: ["a"] } });
    expect(await chosen.key.sign(1)).toBe(2);
  });

  test.each<[string, unknown, object]>([
    ["an error, by its message", new Error("no"), { name: "Error", message: "no" }],
    [
      "a TlsError, as such",
      new TlsError("certificate/expired", "old", { alertSent: "certificate_expired" }),
      { code: "certificate/expired", alertSent: "certificate_expired" },
    ],
    ["a string", "no", { message: "no" }],
    ["nothing", undefined, { message: "What was thrown is no Error." }],
    ["what can't be told", Object.create(null), { message: "What was thrown is no Error." }],
  ])("may throw %s", async (_, thrown, expected) => {
    const { cross } = connected();
    const { fail } = cross({
      fail: () => {
        throw thrown;
      },
    });
    await expect(fail?.()).rejects.toMatchObject(expected);
  });

  test("that returns what can't cross has failed", async () => {
    const { cross } = connected();
    const { symbol } = cross({ symbol: () => Symbol("x") });
    await expect(symbol?.()).rejects.toThrow();
  });

  test("keeps its number from one connection to the next, and shares it with nobody", () => {
    const one = () => {};
    const first = new CallerFunctions().passedOn({ one });
    const second = new CallerFunctions().passedOn({ other: () => {}, one });
    expect(second.one).toEqual(first.one);
    expect(second.other).not.toEqual(first.one);
  });
});

test("an object with methods may be of any class, and keeps the rest of it to itself", async () => {
  class Signer {
    readonly schemes = ["ed25519"];
    readonly connection = Symbol("what no clone is made of");
    readonly #key: number;
    constructor(key: number) {
      this.#key = key;
    }
    async sign(scheme: string, data: number): Promise<string> {
      return `${scheme} ${data * this.#key}`;
    }
  }
  const { cross } = connected();
  const options = cross({
    identity: { certificates: [Uint8Array.of(1)], key: new Signer(2) },
    other: { key: new Signer(3) },
  });
  expect(options.identity).toEqual({
    certificates: [Uint8Array.of(1)],
    key: { schemes: ["ed25519"], sign: expect.any(Function) },
  });
  const sign = (option: string) =>
    (options[option] as unknown as { key: Signer }).key.sign("ed25519", 5);
  expect([await sign("identity"), await sign("other")]).toEqual(["ed25519 10", "ed25519 15"]);
});

test("a store may be of any class", async () => {
  class Store extends Map<string, string> {
    take(partition: string): string | undefined {
      return this.get(partition);
    }
    put(partition: string, session: string): void {
      this.set(partition, session);
    }
  }
  class Tagged extends Store {
    override get [Symbol.toStringTag](): string {
      return "Store";
    }
  }
  const { cross } = connected();
  for (const store of [new Store(), new Tagged()]) {
    const { sessions } = cross({ sessions: store }) as unknown as { sessions: Store };
    expect(Object.keys(sessions)).toEqual(["take", "put"]);
    await sessions.put("a", "b");
    expect(await sessions.take("a")).toBe("b");
    expect(store.size).toBe(1);
  }
});

test("keys cross as they are, and can't be exported on the other side either", async () => {
  const { cross } = connected();
  const { privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign"],
  );
  const options = cross({ identity: { key: privateKey } }) as unknown as {
    identity: { key: CryptoKey };
  };
  const { key } = options.identity;
  expect(key).not.toBe(privateKey);
  await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
  await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new Uint8Array(1));
});

describe("what can't cross is an invalid option", () => {
  const cyclic: { itself?: object } = {};
  cyclic.itself = cyclic;
  test.each<[string, unknown]>([
    ["a symbol", Symbol("x")],
    ["a symbol in a list", [Symbol("x")]],
    ["a promise", Promise.resolve()],
    ["an object in itself", cyclic],
  ])("%s", async (_, bad) => {
    const error = await failureOf(() => new CallerFunctions().passedOn({ fine: 1, bad }));
    expect(error).toMatchObject({
      code: "configuration/invalid-option",
      phase: "configuration",
      message: expect.stringContaining('"bad"'),
    });
  });

  test("lists and objects that are reactive can", () => {
    const options = { a: new Proxy([{ b: new Proxy([1], {}) }], {}), c: undefined };
    expect(new CallerFunctions().passedOn(options)).toEqual({ a: [{ b: [1] }] });
  });
});

describe("calls", () => {
  test("go both ways at once", async () => {
    const { page, cross } = connected();
    const { twice } = cross({ twice: (n: number) => 2 * n });
    expect(await Promise.all([page.call("a", [1]), twice?.(2), page.call("b", [3])])).toEqual([
      "a(1)",
      4,
      "b(3)",
    ]);
  });

  test("end with the connection, those that come later too", async () => {
    const { worker, cross } = connected();
    const { never } = cross({ never: () => new Promise(() => {}) });
    const waiting = never?.();
    worker.fail(new TlsError("aborted", "enough"));
    worker.fail(new TlsError("closed/local", "later"));
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    await expect(never?.()).rejects.toMatchObject({ code: "aborted" });
  });

  test("with arguments that can't cross fail alone", async () => {
    const { page } = connected();
    const error = await failureOf(() => page.call("a", [() => {}]));
    expect(error.code).toBe("configuration/invalid-option");
    expect(await page.call("a", [1])).toBe("a(1)");
  });
});
