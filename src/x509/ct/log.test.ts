import { beforeAll, describe, expect, test } from "vitest";
import type { KeyType } from "../../../test/authority.ts";
import { createLog, type TestLog, type TimestampPieces } from "../../../test/transparency-log.ts";
import { type Bytes, toHex } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { parsePublicKey } from "../public-key.ts";
import {
  isLogKey,
  judgeTimestamp,
  type TimestampCheck,
  type TimestampDelivery,
  type TransparencyLog,
} from "./log.ts";

const certificate = Uint8Array.of(1, 2, 3);
const now = Date.parse("2026-06-01T00:00:00Z");
const notAfter = Date.parse("2026-12-01T00:00:00Z");
const hour = 3_600_000;

let log: TestLog;
beforeAll(async () => {
  log = await createLog("the log", "its operator");
});

function known(test: TestLog, limits: Partial<TransparencyLog> = {}): TransparencyLog {
  const { id, name, operator, publicKey } = test;
  return { id, name, operator, publicKey: parsePublicKey(publicKey), ...limits };
}

/** Judges a timestamp over the certificate; by default one that is right. */
async function judge(
  sct: Bytes,
  limits: Partial<TransparencyLog> = {},
  {
    delivery = "handshake",
    by = log,
    ...check
  }: Partial<TimestampCheck> & {
    delivery?: TimestampDelivery;
    by?: TestLog;
  } = {},
) {
  return judgeTimestamp(
    { delivery, sct, entry: { kind: "certificate", certificate } },
    {
      logs: new Map([[toHex(by.id), known(by, limits)]]),
      now,
      notAfter,
      crypto: platformCrypto,
      spend: () => {},
      ...check,
    },
  );
}

const stamp = (pieces: TimestampPieces = {}) =>
  log.timestamp({ certificate }, { timestamp: now - hour, ...pieces });

describe("a timestamp counts", () => {
  test("that its log signed", async () => {
    expect(await judge(stamp())).toMatchObject({ log: { name: "the log" } });
  });

  test.each<KeyType>(["ecdsa-p384", "rsa-2048", "rsa-3072"])(
    "with a key of type %s",
    async (type) => {
      const by = await createLog("another", "operator", type);
      const sct = by.timestamp({ certificate }, { timestamp: now - hour });
      expect(await judge(sct, {}, { by })).toMatchObject({ log: { name: "another" } });
    },
  );

  test("with extensions, which are signed too", async () => {
    expect(await judge(stamp({ extensions: Uint8Array.of(1, 2) }))).toHaveProperty("log");
  });

  test("of this very millisecond", async () => {
    expect(await judge(stamp({ timestamp: now }))).toHaveProperty("log");
  });

  test("of before its log was retired, where it is embedded", async () => {
    const retiredAt = now - hour + 1;
    expect(await judge(stamp(), { retiredAt }, { delivery: "embedded" })).toHaveProperty("log");
  });

  test("of a certificate that ends at the interval's start", async () => {
    const limits = { expiryFrom: notAfter, expiryUntil: notAfter + 1 };
    expect(await judge(stamp(), limits)).toHaveProperty("log");
  });
});

describe("a timestamp does not count", () => {
  const flip = (at: number) => (signature: Buffer) => {
    signature[at] = (signature[at] ?? 0) ^ 1;
    return signature;
  };

  test.each<[string, TimestampPieces, string]>([
    ["of another version", { version: 1 }, "unknown-version"],
    ["of a log that is not known", { logId: new Uint8Array(32) }, "unknown-log"],
    ["of the future", { timestamp: now + 1 }, "in-future"],
    ["with its signature changed", { tamper: flip(20) }, "bad-signature"],
    ["with a signature that is no DER", { tamper: flip(0) }, "bad-signature"],
    ["without a signature", { tamper: () => Buffer.alloc(0) }, "bad-signature"],
    ["signed by another algorithm", { algorithm: 0x0401 }, "bad-signature"],
    ["signed with the hash of another curve", { algorithm: 0x0503 }, "bad-signature"],
    ["signed by an algorithm that no log has", { algorithm: 0x0203 }, "bad-signature"],
  ])("%s", async (_, pieces, fault) => {
    expect(await judge(stamp(pieces))).toMatchObject({ fault });
  });

  test("that can't be read", async () => {
    expect(await judge(stamp().subarray(0, -1))).toMatchObject({ fault: "malformed" });
  });

  test("of another certificate", async () => {
    const sct = log.timestamp({ certificate: Uint8Array.of(9) }, { timestamp: now - hour });
    expect(await judge(sct)).toMatchObject({ fault: "bad-signature" });
  });

  test("that is changed anywhere", async () => {
    const sct = stamp({ extensions: Uint8Array.of(1) });
    for (let at = 0; at < sct.length; at += 1) {
      const changed = sct.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await judge(changed), `byte ${at}`).toHaveProperty("fault");
    }
  });

  test("of a log that is not to count, which is named", async () => {
    const unusable = { id: log.id, name: log.name, operator: "", unusable: "was rejected" };
    const logs = new Map([[toHex(log.id), unusable]]);
    const verdict = await judge(stamp(), {}, { logs });
    expect(verdict).toEqual({ fault: "unusable-log", reason: "the log was rejected" });
  });

  test.each<[TimestampDelivery, number]>([
    ["embedded", now - hour],
    ["handshake", now],
    ["stapled", now],
  ])("of a retired log (%s)", async (delivery, retiredAt) => {
    const verdict = await judge(stamp(), { retiredAt }, { delivery });
    expect(verdict).toMatchObject({ fault: "log-retired" });
  });

  test.each([{ expiryFrom: notAfter + 1 }, { expiryUntil: notAfter }])(
    "of a log for other certificates (%j)",
    async (limits) => {
      expect(await judge(stamp(), limits)).toMatchObject({ fault: "outside-interval" });
    },
  );
});

test("only signatures that are verified are spent", async () => {
  const spent: number[] = [];
  const spend = (signatures: number) => spent.push(signatures);
  await judge(stamp({ timestamp: now + 1 }), {}, { spend });
  await judge(stamp({ logId: new Uint8Array(32) }), {}, { spend });
  expect(spent).toEqual([]);
  await judge(stamp(), {}, { spend });
  const by = await createLog("another", "operator", "ecdsa-p384");
  await judge(by.timestamp({ certificate }, { timestamp: now - hour }), {}, { spend, by });
  expect(spent).toEqual([1, 2]);
});

test("a log may have keys of P-256, P-384 and RSA", async () => {
  const types = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ecdsa-p521", "ed25519"] as const;
  const logs = await Promise.all(types.map((type) => createLog(type, type, type)));
  expect(logs.map(({ publicKey }) => isLogKey(parsePublicKey(publicKey)))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
