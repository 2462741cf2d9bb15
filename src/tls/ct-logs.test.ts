import { beforeAll, describe, expect, test } from "vitest";
import type { KeyType } from "../../test/authority.ts";
import { bitString, oid, sequence } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { createLog, type TestLog } from "../../test/transparency-log.ts";
import { toHex } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { readTransparency } from "./ct-logs.ts";
import type { CertificateTransparency, CtLog, CtLogList, ListedCtLog } from "./ct-options.ts";

const start = "2026-01-01T00:00:00Z";
const end = "2026-07-01T00:00:00Z";

let one: TestLog;
let two: TestLog;
beforeAll(async () => {
  [one, two] = await Promise.all([createLog("one"), createLog("two")]);
});

/** The log that an option gives. */
async function only(logs: CertificateTransparency["logs"]) {
  const [log, ...others] = (await readTransparency({ logs })).logs.values();
  expect(others).toEqual([]);
  return log;
}

async function messageOf(option: unknown): Promise<string> {
  const failure = await failureOf(() => readTransparency(option as CertificateTransparency));
  expect(failure.code).toBe("configuration/invalid-option");
  return failure.message;
}

describe("logs one by one", () => {
  test("have their key in DER, base64 or PEM", async () => {
    const base64 = Buffer.from(one.publicKey).toString("base64");
    const pem = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
    for (const publicKey of [one.publicKey, base64, pem]) {
      const log = await only([{ publicKey, operator: "somebody" }]);
      expect(log).toMatchObject({ id: one.id, operator: "somebody", name: toHex(one.id) });
    }
  });

  test("have limits", async () => {
    const temporalInterval = { startInclusive: new Date(start), endExclusive: new Date(end) };
    const retired = new Date("2026-03-01T00:00:00Z");
    const log = await only([{ ...one.option(), retired, temporalInterval }]);
    expect(log).toMatchObject({
      name: "one",
      retiredAt: retired.getTime(),
      expiryFrom: Date.parse(start),
      expiryUntil: Date.parse(end),
    });
  });

  test("keep nothing of the caller's buffers", async () => {
    const publicKey = one.publicKey.slice();
    const { logs } = await readTransparency({ logs: [{ publicKey, operator: "somebody" }] });
    const before = structuredClone([...logs]);
    publicKey.fill(0);
    expect([...logs]).toEqual(before);
  });

  test.each<[string, object]>([
    ["logs[0].publicKey", { publicKey: undefined }],
    ["logs[0].publicKey", { publicKey: "no key" }],
    ["logs[0].publicKey", { publicKey: "AAAA" }],
    ["logs[0].publicKey", { publicKey: "-----BEGIN PUBLIC KEY-----\nAAAA" }],
    ["logs[0].publicKey", { publicKey: new Uint8Array(3) }],
    ["logs[0].operator", { operator: "" }],
    ["logs[0].operator", { operator: undefined }],
    ["logs[0].name", { name: 7 }],
    ["logs[0].retired", { retired: "soon" }],
    ["logs[0].retired", { retired: new Date(Number.NaN) }],
    ["logs[0].temporalInterval", { temporalInterval: null }],
    ["logs[0].temporalInterval.endExclusive", { temporalInterval: { startInclusive: new Date() } }],
    [
      "logs[0].temporalInterval",
      { temporalInterval: { startInclusive: new Date(1), endExclusive: new Date(1) } },
    ],
    ["url", { url: "https://log.example" }],
  ])("are refused for %s: %j", async (member, wrong) => {
    expect(await messageOf({ logs: [{ ...one.option(), ...wrong }] })).toContain(`${member}"`);
  });

  test("have keys that logs may have", async () => {
    const { publicKey } = await createLog("odd", "somebody", "ed25519");
    const message = await messageOf({ logs: [one.option(), { publicKey, operator: "somebody" }] });
    expect(message).toContain('"certificateTransparency.logs[1].publicKey"');
  });

  test("are given once", async () => {
    const message = await messageOf({ logs: [one.option(), two.option(), one.option()] });
    expect(message).toContain('"certificateTransparency.logs[2]"');
  });
});

describe("a log list", () => {
  const listOf = (...logs: object[]) => ({ operators: [{ name: "somebody", logs }] }) as CtLogList;

  test("has logs of operators, tiled ones too, and much that is not used", async () => {
    const list = {
      version: "1.2",
      log_list_timestamp: start,
      operators: [
        { name: "first", email: [], logs: [{ ...one.listed(), mmd: 86_400 }], tiled_logs: [] },
        { name: "second", logs: [], tiled_logs: [{ ...two.listed(), monitoring_url: "https://" }] },
      ],
    };
    const { logs } = await readTransparency({ logs: list });
    expect([...logs.values()]).toMatchObject([
      { id: one.id, name: "one", operator: "first" },
      { id: two.id, name: "two", operator: "second" },
    ]);
    expect([...logs.values()].map((log) => "unusable" in log || "retiredAt" in log)).toEqual([
      false,
      false,
    ]);
  });

  const counts = { publicKey: expect.objectContaining({ curve: "P-256" }) };
  test.each<[string, object | undefined, object]>([
    ["usable", { usable: { timestamp: start } }, counts],
    ["qualified", { qualified: { timestamp: start } }, counts],
    ["read-only", { readonly: { timestamp: start, final_tree_head: {} } }, counts],
    ["retired", { retired: { timestamp: start } }, { ...counts, retiredAt: Date.parse(start) }],
    ["rejected", { rejected: { timestamp: start } }, { unusable: expect.any(String) }],
    ["pending", { pending: { timestamp: start } }, { unusable: expect.any(String) }],
    ["unheard of", { unheard: {} }, { unusable: expect.stringContaining("unheard") }],
    ["not told", undefined, { unusable: expect.any(String) }],
  ])("says which logs count: a state that is %s", async (_, state, expected) => {
    const { id, name } = one;
    const log = await only(listOf({ ...one.listed(), state }));
    expect(log).toEqual({ id, name, operator: "somebody", ...expected });
  });

  test("may have logs whose keys are of no use, where they don't count anyway", async () => {
    const state = { rejected: { timestamp: start } };
    expect(await only(listOf({ ...one.listed(), key: "AAAA", state }))).toHaveProperty("unusable");
  });

  test.each<KeyType>(["ed25519", "ecdsa-p521", "rsa-1024", "rsa-pss-2048"])(
    "may have a usable log with a key of type %s, which does not count",
    async (keyType) => {
      const odd = await createLog("odd", "somebody", keyType);
      const { logs } = await readTransparency({ logs: listOf(odd.listed(), one.listed()) });
      const { id, name, operator } = odd;
      expect([...logs.values()]).toEqual([
        {
          id,
          name,
          operator,
          unusable: expect.stringMatching(/^has a weak key, or one of a kind/),
        },
        expect.objectContaining({ id: one.id, ...counts }),
      ]);
    },
  );

  test("may have a usable log with a key of an unheard-of type, which does not count", async () => {
    const key = sequence(sequence(oid("1.2.3")), bitString(Uint8Array.of(1)));
    const log_id = Buffer.from(await platformCrypto.digest("SHA-256", key)).toString("base64");
    const listed = { ...one.listed(), key: Buffer.from(key).toString("base64"), log_id };
    expect(await only(listOf(listed))).toHaveProperty("unusable");
  });

  test("is refused for another log_id than that of a key that does not count", async () => {
    const odd = await createLog("odd", "somebody", "ed25519");
    const { log_id } = one.listed();
    const message = await messageOf({ logs: listOf({ ...odd.listed(), log_id }) });
    expect(message).toContain('"certificateTransparency.logs.operators[0].logs[0].log_id"');
  });

  const rejected = { state: { rejected: { timestamp: start } } };
  const retired = { state: { retired: { timestamp: start } } };
  const temporal_interval = { start_inclusive: start, end_exclusive: end };
  test.each<[string, object, object, object]>([
    ["the same", {}, {}, counts],
    ["under another name", {}, { description: "renamed" }, { ...counts, name: "one" }],
    ["in states that mean the same", {}, { state: { readonly: {} } }, counts],
    ["not to count, later", {}, rejected, { unusable: expect.stringContaining("rejected") }],
    ["not to count, at first", rejected, {}, { unusable: expect.stringContaining("rejected") }],
    ["as retired, later", {}, retired, { unusable: expect.stringContaining("listed twice") }],
    [
      "with another interval",
      { temporal_interval },
      {},
      { unusable: expect.stringContaining("listed twice") },
    ],
  ])("may have a log twice: %s", async (_, first, second, expected) => {
    const twice = [first, second].map((changes) => ({ ...one.listed(), ...changes }));
    const { logs } = await readTransparency({ logs: listOf(...twice, two.listed()) });
    expect([...logs.values()]).toEqual([
      expect.objectContaining({ id: one.id, ...expected }),
      expect.objectContaining({ id: two.id, ...counts }),
    ]);
  });

  test("may have a log of two operators, of which neither counts", async () => {
    const operators = ["first", "second"].map((name) => ({ name, logs: [one.listed()] }));
    expect(await only({ operators })).toMatchObject({
      operator: "first",
      unusable: "is listed twice, with different things said of it",
    });
  });

  test("says for which certificates", async () => {
    const temporal_interval = { start_inclusive: start, end_exclusive: end };
    expect(await only(listOf({ ...one.listed(), temporal_interval }))).toMatchObject({
      expiryFrom: Date.parse(start),
      expiryUntil: Date.parse(end),
    });
  });

  test.each<[string, Partial<Record<keyof ListedCtLog, unknown>>]>([
    ["key", { key: undefined }],
    ["key", { key: "AAAA" }],
    ["log_id", { log_id: undefined }],
    ["log_id", { log_id: Buffer.alloc(32).toString("base64") }],
    ["log_id", { log_id: "?" }],
    ["description", { description: 7 }],
    ["state", { state: "usable" }],
    ["state", { state: { usable: {}, retired: {} } }],
    ["state.retired.timestamp", { state: { retired: { timestamp: "soon 1" } } }],
    ["temporal_interval.start_inclusive", { temporal_interval: {} }],
    ["temporal_interval", { temporal_interval: { start_inclusive: end, end_exclusive: start } }],
  ])("is refused for %s: %j", async (member, wrong) => {
    const message = await messageOf({ logs: listOf(two.listed(), { ...one.listed(), ...wrong }) });
    expect(message).toContain(`"certificateTransparency.logs.operators[0].logs[1].${member}"`);
  });

  test.each<[string, unknown]>([
    ["logs", "list"],
    ["logs", undefined],
    ["logs", []],
    ["logs[0]", ["log"]],
    ["logs.operators", {}],
    ["logs.operators", { operators: [] }],
    ["logs.operators[0]", { operators: [7] }],
    ["logs.operators[0].name", { operators: [{ logs: [] }] }],
    ["logs.operators[0].logs", { operators: [{ name: "somebody", logs: {} }] }],
    ["logs.operators[0].tiled_logs[0]", { operators: [{ name: "somebody", tiled_logs: [0] }] }],
  ])("is refused for %s: %j", async (member, logs) => {
    expect(await messageOf({ logs })).toContain(`"certificateTransparency.${member}"`);
  });
});

describe("the policy", () => {
  const counts = { timestamps: 1, operators: 1 };

  test("is of two operators, and of as many logs as the validity asks", async () => {
    const policy = await readTransparency({ logs: [one.option()] });
    expect(policy.operators).toBe(2);
    expect(policy).not.toHaveProperty("timestamps");
    expect(await readTransparency({ logs: [one.option()], ...counts })).toMatchObject(counts);
    const single = await readTransparency({ logs: [one.option()], timestamps: 1 });
    expect(single.operators).toBe(1);
  });

  test.each<[string, object]>([
    ["certificateTransparency.timestamps", { timestamps: 0 }],
    ["certificateTransparency.timestamps", { timestamps: 1.5 }],
    ["certificateTransparency.operators", { operators: "2" }],
    ["operator", { operator: 2 }],
  ])("is refused for %s: %j", async (member, wrong) => {
    expect(await messageOf({ logs: [one.option()], ...wrong })).toContain(`"${member}"`);
  });

  test("is an object", async () => {
    for (const wrong of [true, null, "logs"]) {
      expect(await messageOf(wrong)).toContain('"certificateTransparency"');
    }
  });

  test("has a mark of all that it accepts, and of no names", async () => {
    const log = (changes: Partial<CtLog> = {}): CertificateTransparency => ({
      logs: [{ ...one.option(), ...changes }],
    });
    const interval = (from: number, until: number) => ({
      temporalInterval: { startInclusive: new Date(from), endExclusive: new Date(until) },
    });
    const options: CertificateTransparency[] = [
      log(),
      { logs: [two.option()] },
      { logs: [one.option(), two.option()] },
      log({ operator: "another" }),
      log({ retired: new Date(1) }),
      log({ retired: new Date(2) }),
      log(interval(1, 2)),
      log(interval(0, 2)),
      log(interval(1, 3)),
      { ...log(), timestamps: 2 },
      { ...log(), timestamps: 3 },
      { ...log(), operators: 1 },
      { logs: { operators: [{ name: one.operator, logs: [{ ...one.listed(), state: {} }] }] } },
    ];
    const marks = await Promise.all(
      options.map(async (option) => toHex((await readTransparency(option)).mark)),
    );
    expect(new Set(marks).size).toBe(options.length);
    const renamed = await readTransparency(log({ name: "renamed" }));
    expect(toHex(renamed.mark)).toBe(marks[0]);
  });
});
