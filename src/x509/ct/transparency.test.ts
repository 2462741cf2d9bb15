import { beforeAll, describe, expect, test } from "vitest";
import { type Authority, createAuthority, type Issued } from "../../../test/authority.ts";
import { octets } from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import {
  createLog,
  issueLogged,
  issueWithTimestamps,
  oids,
  type TestLog,
  type TimestampPieces,
  timestampExtension,
} from "../../../test/transparency-log.ts";
import { verify } from "../../../test/verify-path.ts";
import { type Bytes, toHex } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { parsePublicKey } from "../public-key.ts";
import type { TransparencyLog } from "./log.ts";
import { type TransparencyPolicy, transparencyCondition } from "./transparency.ts";

const names = ["a.example"];
const day = 24 * 3_600_000;

let root: Authority;
let intermediate: Authority;
let logs: readonly [TestLog, TestLog, TestLog];
beforeAll(async () => {
  root = await createAuthority();
  intermediate = await root.intermediate();
  logs = await Promise.all([createLog("one"), createLog("two"), createLog("three")]);
});

function known(test: TestLog, limits: Partial<TransparencyLog> = {}): [string, TransparencyLog] {
  const { id, name, operator, publicKey } = test;
  return [toHex(id), { id, name, operator, publicKey: parsePublicKey(publicKey), ...limits }];
}

interface Attempt {
  readonly policy?: Partial<TransparencyPolicy>;
  readonly presented?: readonly Bytes[];
  /** Values of the extension. */
  readonly stapled?: readonly Bytes[];
}

/** Verifies the path of a certificate; gives the names of the logs that counted. */
async function logsOf(leaf: Issued, attempt: Attempt = {}): Promise<string[]> {
  const { policy, presented = [], stapled = [] } = attempt;
  let counted: readonly TransparencyLog[] = [];
  const condition = transparencyCondition({
    policy: { logs: new Map(logs.map((log) => known(log))), operators: 2, ...policy },
    presented,
    stapled: () => stapled,
    now: new Date(),
    crypto: platformCrypto,
    onLogged: (found) => {
      counted = found;
    },
  });
  await verify({ leaf, roots: [root], conditions: [condition] });
  return counted.map(({ name }) => name);
}

const refusalOf = (leaf: Issued, attempt?: Attempt) => failureOf(() => logsOf(leaf, attempt));

describe("embedded timestamps", () => {
  test("of two logs are enough for a certificate of a month", async () => {
    const leaf = await issueLogged(intermediate, { names }, logs.slice(0, 2));
    expect(await logsOf(leaf)).toEqual(["one", "two"]);
  });

  test("are for the issuer's key, be it the root's", async () => {
    const leaf = await issueLogged(root, { names }, logs.slice(0, 2));
    expect(await logsOf(leaf)).toEqual(["one", "two"]);
    const elsewhere = await issueWithTimestamps(root, { names }, (entry) =>
      logs.map((log) => log.timestamp({ ...entry, issuerKey: intermediate.certificate })),
    );
    expect((await refusalOf(elsewhere)).code).toBe("certificate/not-logged");
  });

  test("no more are verified than needed", async () => {
    expect(await logsOf(await issueLogged(root, { names }, logs))).toEqual(["one", "two"]);
  });

  test.each([
    [180, 2],
    [181, 3],
  ])("of a certificate of %i days have to be of %i logs", async (days, wanted) => {
    const notBefore = new Date("2026-01-01T00:00:00Z");
    const validity = { notBefore, notAfter: new Date(notBefore.getTime() + days * day) };
    const valid = { names, ...validity };
    const policy = { logs: new Map(logs.map((log) => known(log))) };
    const now = new Date(notBefore.getTime() + day);
    const verified = async (count: number) => {
      const pieces = { timestamp: now.getTime() - 1 };
      const leaf = await issueLogged(root, valid, logs.slice(0, count), pieces);
      const options = { policy: { ...policy, operators: 2 }, presented: [], now };
      const condition = transparencyCondition({ ...options, crypto: platformCrypto });
      return verify({ leaf, roots: [root], now, conditions: [condition] });
    };
    await verified(wanted);
    const { code, message } = await failureOf(() => verified(wanted - 1));
    expect(code).toBe("certificate/not-logged");
    expect(message).toContain(`${wanted} logs`);
  });

  test("count once for each log", async () => {
    const [one] = logs;
    const leaf = await issueLogged(root, { names }, [one, one]);
    expect((await refusalOf(leaf)).code).toBe("certificate/not-logged");
  });

  test("have to be of logs of several operators, as many as wanted", async () => {
    const [one, two] = logs;
    const leaf = await issueLogged(root, { names }, [one, two]);
    const policy = { logs: new Map([one, two].map((log) => known(log, { operator: "one" }))) };
    const { code, message } = await refusalOf(leaf, { policy });
    expect(code).toBe("certificate/not-logged");
    expect(message).toContain("one of one, two of one");
    expect(await logsOf(leaf, { policy: { ...policy, operators: 1 } })).toHaveLength(2);
  });

  test("are as many as the caller wants", async () => {
    const leaf = await issueLogged(root, { names }, logs);
    expect(await logsOf(leaf, { policy: { timestamps: 3 } })).toHaveLength(3);
    expect((await refusalOf(leaf, { policy: { timestamps: 4 } })).message).toContain("4 logs");
    const single = await issueLogged(root, { names }, logs.slice(0, 1));
    expect(await logsOf(single, { policy: { timestamps: 1, operators: 1 } })).toEqual(["one"]);
  });

  test("of retired logs count beside one of a log that is not", async () => {
    const [one, two, three] = logs;
    const retiredAt = Date.now();
    const retired = [known(one, { retiredAt }), known(two, { retiredAt })] as const;
    const policy = { logs: new Map([...retired, known(three)]) };
    const both = await issueLogged(root, { names }, [one, two]);
    expect((await refusalOf(both, { policy })).code).toBe("certificate/not-logged");
    const all = await issueLogged(root, { names }, logs);
    expect(await logsOf(all, { policy })).toEqual(["one", "two", "three"]);
  });

  test("that are wrong do no harm beside right ones", async () => {
    const leaf = await issueWithTimestamps(root, { names }, (entry) => [
      Uint8Array.of(7),
      ...logs.map((log, index) => log.timestamp(entry, index === 0 ? { version: 1 } : {})),
    ]);
    expect(await logsOf(leaf)).toEqual(["two", "three"]);
  });
});

describe("the error says why timestamps don't count", () => {
  const wrong: readonly [string, TimestampPieces, string][] = [
    ["of an unknown log", { logId: new Uint8Array(32) }, `the log ${"00".repeat(32)} is not`],
    ["of another version", { version: 1 }, "it is of version 2"],
    ["of the future", { timestamp: Date.now() + day }, "one dates it in the future"],
    ["changed", { tamper: () => Buffer.from([1]) }, "one did not sign it"],
  ];
  test.each(wrong)("%s", async (_, pieces, reason) => {
    const leaf = await issueLogged(root, { names }, logs, pieces);
    const { code, message } = await refusalOf(leaf);
    expect(code).toBe("certificate/not-logged");
    expect(message).toContain(`embedded: ${reason}`);
    expect(message).toContain("those that count are of none");
  });

  test("a list that can't be read", async () => {
    const leaf = await root.issue({
      names,
      extraExtensions: [{ oid: oids.timestamps, value: Uint8Array.of(5, 0) }],
    });
    expect((await refusalOf(leaf)).message).toContain("embedded: the list can't be read");
  });

  test("a stapled list that can't be read", async () => {
    const { message } = await refusalOf(await root.issue({ names }), { stapled: [octets()] });
    expect(message).toContain("stapled: the list can't be read");
  });

  test("none at all", async () => {
    const { message } = await refusalOf(await root.issue({ names }));
    expect(message).toContain("There are no others");
  });

  test("of many, some are told", async () => {
    const leaf = await root.issue({ names });
    const presented = Array.from({ length: 20 }, () => Uint8Array.of(0));
    const { message } = await refusalOf(leaf, { presented });
    expect(message.match(/it can't be read/g)).toHaveLength(8);
    expect(message).toContain("12 more");
  });
});

describe("timestamps beside the certificate", () => {
  test("are for it as it is, and count together with embedded ones", async () => {
    const [one, two, three] = logs;
    const leaf = await issueLogged(root, { names }, [one]);
    const of = (log: TestLog) => [log.timestamp({ certificate: leaf.certificate })];
    const policy = { timestamps: 3 };
    const all = await logsOf(leaf, {
      policy,
      presented: of(two),
      stapled: [timestampExtension(of(three))],
    });
    expect(all).toEqual(["one", "three", "two"]);
    const other = [two.timestamp({ certificate: root.certificate })];
    const { message } = await refusalOf(leaf, { presented: other });
    expect(message).toContain("handshake: two did not sign it for this certificate");
  });

  test("of retired logs don't count", async () => {
    const leaf = await root.issue({ names });
    const [one, two, three] = logs;
    const retiredAt = Date.now() + day;
    const policy = { logs: new Map([known(one, { retiredAt }), known(two), known(three)]) };
    const of = (log: TestLog) => log.timestamp({ certificate: leaf.certificate });
    const { message } = await refusalOf(leaf, { policy, presented: [of(one), of(two)] });
    expect(message).toContain("handshake: one is retired");
    expect(
      await logsOf(leaf, { policy, stapled: [timestampExtension([of(two), of(three)])] }),
    ).toHaveLength(2);
  });
});

test("signatures are spent of the path's budget", async () => {
  const leaf = await root.issue({ names });
  const bad = logs[0].timestamp({ certificate: root.certificate });
  const presented = Array.from({ length: 200 }, () => bad);
  const { code } = await refusalOf(leaf, { presented });
  expect(code).toBe("certificate/budget-exceeded");
});
