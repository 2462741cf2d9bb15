import { describe, expect, it } from "vitest";
import { generateKeys, type KeyType } from "../../test/authority.ts";
import { bitString, element, integer, nothing, oid, sequence } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { parsePublicKey } from "./public-key.ts";

async function spkiOf(type: KeyType): Promise<Bytes> {
  const { publicKey } = await generateKeys(type);
  return new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
}

/** An RSA key with a modulus of so many bits, odd unless said otherwise. */
function rsaKey(bits: number, { exponent = [1, 0, 1], lastByte = 1 } = {}): Bytes {
  const modulus = new Uint8Array(Math.ceil(bits / 8));
  modulus[0] = 1 << ((bits - 1) % 8);
  modulus[modulus.length - 1] = lastByte;
  const digits = (modulus[0] ?? 0) >= 0x80 ? [0, ...modulus] : [...modulus];
  return sequence(
    sequence(oid("1.2.840.113549.1.1.1"), nothing()),
    bitString(sequence(integer(...digits), integer(...exponent))),
  );
}

const sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), nothing());
const sha384 = sequence(oid("2.16.840.1.101.3.4.2.2"), nothing());
const mgf1 = (hash: Bytes) => sequence(oid("1.2.840.113549.1.1.8"), hash);

/** An id-RSASSA-PSS key with these parameters. */
function pssKey(...parameters: readonly Bytes[]): Bytes {
  const modulus = new Uint8Array(256).fill(0xff);
  return sequence(
    sequence(oid("1.2.840.113549.1.1.10"), sequence(...parameters)),
    bitString(sequence(integer(0, ...modulus), integer(1, 0, 1))),
  );
}

describe("keys that are taken", () => {
  it.each([
    ["ecdsa-p256", "P-256", 65],
    ["ecdsa-p384", "P-384", 97],
    ["ecdsa-p521", "P-521", 133],
  ] as const)("%s", async (type, curve, length) => {
    const key = parsePublicKey(await spkiOf(type));
    expect(key).toMatchObject({ kind: "ec", curve });
    expect(key.kind === "ec" && key.point).toHaveLength(length);
  });

  it("Ed25519", async () => {
    const key = parsePublicKey(await spkiOf("ed25519"));
    expect(key.kind === "ed25519" && key.key).toHaveLength(32);
  });

  it.each([
    ["2.16.840.1.101.3.4.3.17", "ML-DSA-44", 1312],
    ["2.16.840.1.101.3.4.3.18", "ML-DSA-65", 1952],
    ["2.16.840.1.101.3.4.3.19", "ML-DSA-87", 2592],
  ] as const)("%s, %s (RFC 9881 §4)", async (id, parameters, length) => {
    const key = new Uint8Array(length).fill(1);
    const spki = (bytes: Bytes, ...more: readonly Bytes[]) =>
      sequence(sequence(oid(id), ...more), bitString(bytes));
    expect(parsePublicKey(spki(key))).toEqual({ kind: "ml-dsa", parameters, key });
    for (const wrong of [spki(key.subarray(1)), spki(key, nothing())]) {
      expect(await failureOf(() => parsePublicKey(wrong))).toMatchObject({
        code: "certificate/malformed",
      });
    }
  });

  it("RSA, without a leading zero", async () => {
    const key = parsePublicKey(await spkiOf("rsa-2048"));
    expect(key).toMatchObject({ kind: "rsa", exponent: Uint8Array.of(1, 0, 1) });
    expect(key.kind === "rsa" && key.modulus).toHaveLength(256);
  });

  it("RSA of 2048 and of 8192 bits, and with exponents from 3 to 32 bits", () => {
    expect(parsePublicKey(rsaKey(2048))).toMatchObject({ kind: "rsa" });
    expect(parsePublicKey(rsaKey(8192))).toMatchObject({ kind: "rsa" });
    expect(parsePublicKey(rsaKey(2050, { exponent: [3] }))).toMatchObject({ kind: "rsa" });
    const longest = rsaKey(2048, { exponent: [0, 0xff, 0xff, 0xff, 0xff] });
    expect(parsePublicKey(longest)).toMatchObject({ exponent: new Uint8Array(4).fill(0xff) });
  });

  it("RSA-PSS without parameters, for any hash", async () => {
    const key = parsePublicKey(await spkiOf("rsa-pss-2048"));
    expect(key.kind).toBe("rsa-pss");
    expect(key).not.toHaveProperty("pssHash");
  });

  it("RSA-PSS with parameters, for one hash", () => {
    const parameters = [element(0xa0, sha384), element(0xa1, mgf1(sha384))];
    expect(parsePublicKey(pssKey(...parameters, element(0xa2, integer(48))))).toMatchObject({
      kind: "rsa-pss",
      pssHash: "SHA-384",
    });
    expect(parsePublicKey(pssKey(...parameters))).toMatchObject({ pssHash: "SHA-384" });
  });
});

describe("keys that are refused", () => {
  it.each([
    ["2047 bits", rsaKey(2047)],
    ["1024 bits", rsaKey(1024)],
    ["8193 bits", rsaKey(8193)],
    ["a modulus of zero", sequenceOfRsa(integer(0), integer(3))],
  ])("RSA with %s", async (_, key) => {
    expect(await failureOf(() => parsePublicKey(key))).toMatchObject({
      code: "certificate/weak-key",
    });
  });

  it.each([
    ["an even modulus", rsaKey(2048, { lastByte: 2 })],
    ["exponent 1", rsaKey(2048, { exponent: [1] })],
    ["an even exponent", rsaKey(2048, { exponent: [4] })],
    ["exponent 0", rsaKey(2048, { exponent: [0] })],
    ["a negative exponent", rsaKey(2048, { exponent: [0x83] })],
    [
      "no parameters (RFC 3279 §2.3.1)",
      sequence(sequence(oid("1.2.840.113549.1.1.1")), bitString(sequence(integer(1), integer(3)))),
    ],
  ])("RSA with %s", async (_, key) => {
    expect(await failureOf(() => parsePublicKey(key))).toMatchObject({
      code: "certificate/malformed",
    });
  });

  const ecWith = (curve: Bytes, point: Uint8Array) =>
    sequence(sequence(oid("1.2.840.10045.2.1"), curve), bitString(point));
  const p256 = oid("1.2.840.10045.3.1.7");
  const point = (first: number, length: number) => {
    const bytes = new Uint8Array(length);
    bytes[0] = first;
    return bytes;
  };

  it.each([
    ["an EC key on secp256k1", ecWith(oid("1.3.132.0.10"), point(4, 65))],
    ["an EC key on P-224", ecWith(oid("1.3.132.0.33"), point(4, 57))],
    ["a compressed point", ecWith(p256, point(2, 33))],
    ["a DSA key", sequence(sequence(oid("1.2.840.10040.4.1")), bitString(integer(1)))],
    ["an Ed448 key", sequence(sequence(oid("1.3.101.113")), bitString(new Uint8Array(57)))],
    ["an RSA key with an exponent of five bytes", rsaKey(2048, { exponent: [1, 0, 0, 0, 1] })],
    ["an RSA key with an exponent as long", rsaKey(2048, { exponent: Array(256).fill(1) })],
    ["an RSA-PSS key for SHA-1", pssKey()],
    ["an RSA-PSS key with two hashes", pssKey(element(0xa0, sha256), element(0xa1, mgf1(sha384)))],
    [
      "an RSA-PSS key for longer salts than the hash",
      pssKey(element(0xa0, sha256), element(0xa1, mgf1(sha256)), element(0xa2, integer(33))),
    ],
    [
      "an RSA-PSS key with another trailer",
      pssKey(element(0xa0, sha256), element(0xa1, mgf1(sha256)), element(0xa3, integer(2))),
    ],
    [
      "an RSA-PSS key with another mask function",
      pssKey(element(0xa0, sha256), element(0xa1, sequence(oid("1.2.3"), sha256))),
    ],
  ])("%s", async (_, key) => {
    expect(await failureOf(() => parsePublicKey(key))).toMatchObject({
      code: "certificate/unsupported-algorithm",
    });
  });

  it.each([
    ["a point that is too short", ecWith(p256, point(4, 64))],
    ["a hybrid point", ecWith(p256, point(6, 65))],
    ["a point of P-384 on P-256", ecWith(p256, point(4, 97))],
    ["explicit curve parameters", ecWith(sequence(integer(1)), point(4, 65))],
    ["no curve", sequence(sequence(oid("1.2.840.10045.2.1")), bitString(point(4, 65)))],
    [
      "an Ed25519 key with parameters (RFC 8410 §3)",
      sequence(sequence(oid("1.3.101.112"), nothing()), bitString(new Uint8Array(32))),
    ],
    [
      "an Ed25519 key that is too long",
      sequence(sequence(oid("1.3.101.112")), bitString(new Uint8Array(33))),
    ],
  ])("%s", async (_, key) => {
    expect(await failureOf(() => parsePublicKey(key))).toMatchObject({
      code: "certificate/malformed",
    });
  });
});

function sequenceOfRsa(modulus: Bytes, exponent: Bytes): Bytes {
  return sequence(
    sequence(oid("1.2.840.113549.1.1.1"), nothing()),
    bitString(sequence(modulus, exponent)),
  );
}
