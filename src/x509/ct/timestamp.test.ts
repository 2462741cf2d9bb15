import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyBytes, testCodec, testTotal, unsigned } from "../../../test/properties.ts";
import { createLog, timestampList } from "../../../test/transparency-log.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { parseTimestamp, parseTimestampList, signedContent } from "./timestamp.ts";

const log = await createLog("log");
const sct = log.timestamp({ certificate: Uint8Array.of(1) }, { timestamp: 1_700_000_000_000 });

/** A length of two bytes, and what is so long. */
const vector = (bytes: Bytes) => concat(Uint8Array.of(bytes.length >> 8, bytes.length), bytes);

describe("a SerializedSCT", () => {
  testCodec("a timestamp", {
    value: fc.record({
      logId: anyBytes(32, 32),
      // Up to 2^53, to which numbers are exact.
      encodedTimestamp: anyBytes(8, 8).map((bytes) => bytes.fill(0, 0, 1).fill(1, 1, 2)),
      extensions: anyBytes(0, 300),
      algorithm: unsigned(2),
      signature: anyBytes(0, 300),
    }),
    encode: ({ logId, encodedTimestamp, extensions, algorithm, signature }) =>
      concat(
        Uint8Array.of(0),
        logId,
        encodedTimestamp,
        vector(extensions),
        Uint8Array.of(algorithm >> 8, algorithm),
        vector(signature),
      ),
    decode: parseTimestamp,
    expected: (value) => ({
      ...value,
      timestamp: Number(Buffer.from(value.encodedTimestamp).readBigUInt64BE()),
    }),
  });

  test("says when it was made, and by which log", () => {
    expect(parseTimestamp(sct)).toMatchObject({ logId: log.id, timestamp: 1_700_000_000_000 });
  });

  test("keeps a time that no number is exact for", () => {
    const time = new Uint8Array(8).fill(0xff);
    const far = concat(sct.subarray(0, 33), time, sct.subarray(41));
    expect(parseTimestamp(far)).toMatchObject({ timestamp: 2 ** 64, encodedTimestamp: time });
  });

  test("of another version is not looked into", () => {
    expect(parseTimestamp(Uint8Array.of(1, 2, 3))).toEqual({ unknownVersion: 1 });
  });

  test("that is cut off or goes on is refused", () => {
    const malformed = expect.objectContaining({ code: "certificate/malformed" });
    for (let length = 0; length < sct.length; length += 1) {
      expect(() => parseTimestamp(sct.subarray(0, length)), `${length}`).toThrow(malformed);
    }
    expect(() => parseTimestamp(concat(sct, Uint8Array.of(0)))).toThrow(malformed);
  });
});

describe("a SignedCertificateTimestampList", () => {
  testCodec("a list", {
    value: fc.array(anyBytes(1), { minLength: 1, maxLength: 6 }),
    encode: timestampList,
    decode: parseTimestampList,
  });
  testTotal("a list", parseTimestampList, fc.constant(timestampList([sct, sct])));

  test.each([
    ["is empty", timestampList([])],
    ["has an empty entry", timestampList([sct, new Uint8Array(0)])],
    ["goes on behind its end", concat(timestampList([sct]), Uint8Array.of(0))],
    ["is cut off", timestampList([sct]).subarray(0, -1)],
    ["has no length", new Uint8Array(1)],
  ])("that %s is refused", (_, list) => {
    expect(() => parseTimestampList(list)).toThrow(
      expect.objectContaining({ code: "certificate/malformed" }),
    );
  });
});

describe("what is signed", () => {
  const parsed = parseTimestamp(sct);
  if ("unknownVersion" in parsed) throw new Error("the timestamp is of version 1");
  const timestamp = { ...parsed, extensions: Uint8Array.of(9, 8) };
  const time = Buffer.from(parsed.encodedTimestamp).toString("hex");
  const hex = (bytes: Bytes) => Buffer.from(bytes).toString("hex");

  test("for a certificate is the whole of it", () => {
    const entry = { kind: "certificate", certificate: Uint8Array.of(1, 2, 3) } as const;
    expect(hex(signedContent(timestamp, entry))).toBe(`0000${time}000000000301020300020908`);
  });

  test("for a precertificate is its issuer's key and its content", () => {
    const entry = {
      kind: "precertificate",
      issuerKeyHash: new Uint8Array(32).fill(0xaa),
      tbsCertificate: new Uint8Array(0x10203),
    } as const;
    const content = hex(signedContent(timestamp, entry));
    const front = `0000${time}0001${"aa".repeat(32)}010203`;
    expect(content).toBe(`${front}${"00".repeat(0x10203)}00020908`);
  });
});
