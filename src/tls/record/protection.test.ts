import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { type AeadName, aeadKeyLength } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { maxFragment } from "../limits.ts";
import type { RawRecord } from "./deframer.ts";
import { type PlainRecord, type RecordOpener, xorNonce } from "./protection.ts";
import { fixedIvLength, Opener12, Sealer12 } from "./protection12.ts";
import { Opener13, Sealer13 } from "./protection13.ts";

const aeads: AeadName[] = ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"];
const key = (aead: AeadName) =>
  platformCrypto.importAeadKey(aead, new Uint8Array(aeadKeyLength[aead]).fill(3));

async function pair13(aead: AeadName) {
  const traffic = { aead, key: await key(aead), iv: new Uint8Array(12).fill(5) };
  return { sealer: new Sealer13(traffic), opener: new Opener13(traffic) };
}

async function pair12(aead: AeadName) {
  const traffic = { aead, key: await key(aead), iv: new Uint8Array(fixedIvLength(aead)).fill(5) };
  return { sealer: new Sealer12(traffic), opener: new Opener12(traffic) };
}

const raw = (pieces: Bytes[]): RawRecord => {
  const record = concat(...pieces);
  return { type: record[0] ?? 0, header: record.slice(0, 5), fragment: record.slice(5) };
};

function outcome(result: PlainRecord | TlsError): unknown {
  return result instanceof TlsError ? result.code : [result.type, result.fragment];
}

async function openCommitted(opener: RecordOpener, record: RawRecord): Promise<unknown> {
  const result = await opener.open(record, 0);
  opener.sequence.skip(1);
  return outcome(result);
}

describe.each([
  ["TLS 1.3", pair13],
  ["TLS 1.2", pair12],
])("%s record protection", (_, pair) => {
  describe.each(aeads)("%s", (aead) => {
    test("opens what it sealed, in order and ahead", async () => {
      const { sealer, opener } = await pair(aead);
      const contents = [1, 2, 3].map((n) => new Uint8Array(n * 100).fill(n));
      const records = await Promise.all(contents.map((content) => sealer.seal(23, content)));
      const ahead = await Promise.all(records.map((r, index) => opener.open(raw(r), index)));
      expect(ahead.map(outcome)).toEqual(contents.map((content) => [23, content]));
      opener.sequence.skip(1);
      expect(outcome(await opener.open(raw(records[1] ?? []), 0))).toEqual([23, contents[1]]);
    });

    test("refuses a change of any one bit, a replay, and a record out of turn", async () => {
      const { sealer, opener } = await pair(aead);
      const first = raw(await sealer.seal(23, Uint8Array.of(1, 2, 3)));
      const second = raw(await sealer.seal(23, Uint8Array.of(4)));
      for (let bit = 0; bit < first.fragment.length * 8; bit++) {
        const fragment = first.fragment.slice();
        fragment[bit >> 3] = (fragment[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(outcome(await opener.open({ ...first, fragment }, 0))).toBe("record/bad-mac");
      }
      expect(outcome(await opener.open(second, 0))).toBe("record/bad-mac");
      expect(await openCommitted(opener, first)).toEqual([23, Uint8Array.of(1, 2, 3)]);
      expect(outcome(await opener.open(first, 0))).toBe("record/bad-mac");
    });

    test("refuses a record too short to be one", async () => {
      const { opener } = await pair(aead);
      for (const length of [0, 1, 8, 15, 16]) {
        const record = raw([Uint8Array.of(23, 3, 3, 0, length), new Uint8Array(length)]);
        expect(outcome(await opener.open(record, 0))).toBe("record/bad-mac");
      }
    });

    test("refuses more than 2^14 bytes inside", async () => {
      const { sealer, opener } = await pair(aead);
      const full = raw(await sealer.seal(23, new Uint8Array(maxFragment)));
      expect(await openCommitted(opener, full)).toEqual([23, new Uint8Array(maxFragment)]);
      const long = raw(await sealer.seal(23, new Uint8Array(maxFragment + 1)));
      expect(await openCommitted(opener, long)).toBe("record/overflow");
    });

    test("counts down what the key is good for", async () => {
      const { sealer } = await pair(aead);
      const before = sealer.remaining;
      await sealer.seal(23, Uint8Array.of(1));
      expect(sealer.remaining).toBe(before - 1);
      expect(before).toBe(aead === "ChaCha20-Poly1305" ? 2 ** 52 : 2 ** 24);
    });
  });
});

test("TLS 1.3 takes padding, and refuses padding alone (RFC 8446 §5.4)", async () => {
  const { sealer, opener } = await pair13("AES-128-GCM");
  // The type goes last, so content that ends in a type and zeros reads as a padded record.
  const padded = raw(await sealer.seal(0, Uint8Array.of(9, 9, 22, 0, 0, 0)));
  expect(await openCommitted(opener, padded)).toEqual([22, Uint8Array.of(9, 9)]);
  const nothing = raw(await sealer.seal(0, new Uint8Array(20)));
  expect(await openCommitted(opener, nothing)).toBe("record/unexpected-type");
});

test("TLS 1.3 refuses unprotected records under a key (RFC 8446 §5)", async () => {
  const { opener } = await pair13("AES-128-GCM");
  const codes = [
    [20, "record/unexpected-type"],
    [21, "record/bad-mac"],
    [22, "record/bad-mac"],
  ] as const;
  for (const [type, code] of codes) {
    const record = raw([Uint8Array.of(type, 3, 3, 0, 2), Uint8Array.of(1, 0)]);
    expect(outcome(await opener.open(record, 0))).toBe(code);
  }
});

test("TLS 1.2 sends AES-GCM's explicit nonce as a counter (RFC 5288 §3)", async () => {
  const { sealer } = await pair12("AES-128-GCM");
  const nonces = [];
  for (let n = 0; n < 3; n++)
    nonces.push([...raw(await sealer.seal(23, Uint8Array.of(1))).fragment.subarray(0, 8)]);
  expect(nonces).toEqual([0, 1, 2].map((n) => [0, 0, 0, 0, 0, 0, 0, n]));
});

test("nonces differ for every sequence number, beyond 32 bits too (RFC 8446 §5.3)", () => {
  const iv = new Uint8Array(12).fill(0xff);
  const tail = (sequence: number) => Buffer.from(xorNonce(iv, sequence)).toString("hex").slice(8);
  expect(tail(0)).toBe("ffffffffffffffff");
  expect(tail(1)).toBe("fffffffffffffffe");
  expect(tail(2 ** 32 + 1)).toBe("fffffffefffffffe");
});
