import { constants, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateKeys, type Keys } from "../../test/authority.ts";
import { element, integer, nothing, oid, sequence } from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { type Bytes, concat } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import type { PublicKey, SignatureAlgorithm } from "../crypto/provider.ts";
import { parsePublicKey } from "./public-key.ts";
import { parseSignatureAlgorithm, verifySignature } from "./signature.ts";
import { encodeSignature } from "./signature-encoding.ts";
import { signatureHash } from "./signature-hash.ts";

const sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), nothing());
const sha512 = sequence(oid("2.16.840.1.101.3.4.2.3"), nothing());

function pss(hash: Bytes, saltLength: number, ...more: readonly Bytes[]): Bytes {
  return sequence(
    oid("1.2.840.113549.1.1.10"),
    sequence(
      element(0xa0, hash),
      element(0xa1, sequence(oid("1.2.840.113549.1.1.8"), hash)),
      element(0xa2, integer(saltLength)),
      ...more,
    ),
  );
}

describe("algorithms of certificates", () => {
  it.each<[string, Bytes, SignatureAlgorithm]>([
    ["ecdsa-with-SHA256", sequence(oid("1.2.840.10045.4.3.2")), { kind: "ecdsa", hash: "SHA-256" }],
    ["ecdsa-with-SHA384", sequence(oid("1.2.840.10045.4.3.3")), { kind: "ecdsa", hash: "SHA-384" }],
    ["ecdsa-with-SHA512", sequence(oid("1.2.840.10045.4.3.4")), { kind: "ecdsa", hash: "SHA-512" }],
    [
      "sha256WithRSAEncryption",
      sequence(oid("1.2.840.113549.1.1.11"), nothing()),
      { kind: "rsa-pkcs1", hash: "SHA-256" },
    ],
    [
      "sha384WithRSAEncryption",
      sequence(oid("1.2.840.113549.1.1.12"), nothing()),
      { kind: "rsa-pkcs1", hash: "SHA-384" },
    ],
    [
      "sha512WithRSAEncryption without parameters (RFC 4055 §5)",
      sequence(oid("1.2.840.113549.1.1.13")),
      { kind: "rsa-pkcs1", hash: "SHA-512" },
    ],
    ["RSASSA-PSS with SHA-256", pss(sha256, 32), { kind: "rsa-pss", hash: "SHA-256" }],
    ["RSASSA-PSS with SHA-512", pss(sha512, 64), { kind: "rsa-pss", hash: "SHA-512" }],
    ["Ed25519", sequence(oid("1.3.101.112")), { kind: "ed25519" }],
  ])("reads %s", (_, der, algorithm) => {
    expect(parseSignatureAlgorithm(der)).toEqual(algorithm);
  });

  it.each([
    ["RSA with MD5", sequence(oid("1.2.840.113549.1.1.4"), nothing())],
    ["RSA with SHA-1", sequence(oid("1.2.840.113549.1.1.5"), nothing())],
    ["ECDSA with SHA-1", sequence(oid("1.2.840.10045.4.1"))],
    ["ECDSA with SHA-224", sequence(oid("1.2.840.10045.4.3.1"))],
    ["RSASSA-PSS with its defaults, SHA-1", sequence(oid("1.2.840.113549.1.1.10"), sequence())],
    ["RSASSA-PSS with another salt", pss(sha256, 20)],
    ["RSASSA-PSS with another trailer", pss(sha256, 32, element(0xa3, integer(2)))],
  ])("refuses %s", async (_, der) => {
    expect(await failureOf(() => parseSignatureAlgorithm(der))).toMatchObject({
      code: "certificate/unsupported-algorithm",
    });
  });

  it.each([
    ["ECDSA with NULL (RFC 5758 §3.2)", sequence(oid("1.2.840.10045.4.3.2"), nothing())],
    ["Ed25519 with NULL (RFC 8410 §3)", sequence(oid("1.3.101.112"), nothing())],
    ["RSA with other parameters", sequence(oid("1.2.840.113549.1.1.11"), sequence())],
    ["RSASSA-PSS without parameters", sequence(oid("1.2.840.113549.1.1.10"))],
  ])("refuses %s", async (_, der) => {
    expect(await failureOf(() => parseSignatureAlgorithm(der))).toMatchObject({
      code: "certificate/malformed",
    });
  });
});

const message = new TextEncoder().encode("what is signed");

function publicKeyOf({ publicKey }: Keys): PublicKey {
  return parsePublicKey(new Uint8Array(publicKey.export({ type: "spki", format: "der" })));
}

function check(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  signature: Uint8Array,
  signed: Uint8Array = message,
) {
  return verifySignature(platformCrypto, algorithm, key, signature, signed);
}

describe("the hash function of a signature, as channel bindings take it (RFC 5929 §4.1)", () => {
  it.each([
    ["ecdsa-with-SHA384", sequence(oid("1.2.840.10045.4.3.3")), "SHA-384"],
    ["sha512WithRSAEncryption", sequence(oid("1.2.840.113549.1.1.13"), nothing()), "SHA-512"],
    ["RSASSA-PSS with SHA-512", pss(sha512, 64), "SHA-512"],
    ["RSA with MD5", sequence(oid("1.2.840.113549.1.1.4"), nothing()), "SHA-256"],
    ["RSA with SHA-1", sequence(oid("1.2.840.113549.1.1.5"), nothing()), "SHA-256"],
    ["ECDSA with SHA-1", sequence(oid("1.2.840.10045.4.1")), "SHA-256"],
    ["Ed25519", sequence(oid("1.3.101.112")), undefined],
    ["one that is not known", sequence(oid("1.2.3.4"), nothing()), undefined],
  ] as const)("%s", (_, der, hash) => {
    expect(signatureHash(der)).toBe(hash);
  });
});

describe("signatures as on the wire", () => {
  it.each([
    ["ecdsa-p256", "SHA-256"],
    ["ecdsa-p384", "SHA-384"],
    ["ecdsa-p521", "SHA-512"],
    ["ecdsa-p256", "SHA-512"],
  ] as const)("ECDSA in DER: %s with %s", async (type, hash) => {
    const keys = await generateKeys(type);
    const key = publicKeyOf(keys);
    const signature = sign(hash, message, keys.privateKey);
    expect(await check({ kind: "ecdsa", hash }, key, signature)).toBe(true);
    expect(await check({ kind: "ecdsa", hash }, key, signature, message.subarray(1))).toBe(false);
    expect(await check({ kind: "ecdsa", hash }, key, concat(signature, Uint8Array.of(0)))).toBe(
      false,
    );
  });

  it("ECDSA: no other form than DER", async () => {
    const keys = await generateKeys("ecdsa-p256");
    const algorithm = { kind: "ecdsa", hash: "SHA-256" } as const;
    const raw = sign("SHA-256", message, { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
    const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
    const number = (digits: Uint8Array) => integer(0, ...digits);
    const key = publicKeyOf(keys);
    expect(await check(algorithm, key, raw)).toBe(false);
    expect(await check(algorithm, key, sequence(number(r), number(s), nothing()))).toBe(false);
    expect(await check(algorithm, key, sequence(integer(0, 0, ...r), number(s)))).toBe(false);
    expect(await check(algorithm, key, sequence(integer(1, ...r), number(s)))).toBe(false);
    expect(await check(algorithm, key, sequence(integer(0x80, ...r), number(s)))).toBe(false);
  });

  it("Ed25519", async () => {
    const keys = await generateKeys("ed25519");
    const signature = new Uint8Array(sign(null, message, keys.privateKey));
    expect(await check({ kind: "ed25519" }, publicKeyOf(keys), signature)).toBe(true);
    signature[0] = (signature[0] ?? 0) ^ 1;
    expect(await check({ kind: "ed25519" }, publicKeyOf(keys), signature)).toBe(false);
  });

  it("RSA, by PKCS#1 v1.5 and by PSS, one not for the other", async () => {
    const keys = await generateKeys("rsa-2048");
    const key = publicKeyOf(keys);
    const pkcs1 = sign("SHA-256", message, keys.privateKey);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const salted = sign("SHA-256", message, { key: keys.privateKey, padding, saltLength: 32 });
    expect(await check({ kind: "rsa-pkcs1", hash: "SHA-256" }, key, pkcs1)).toBe(true);
    expect(await check({ kind: "rsa-pss", hash: "SHA-256" }, key, salted)).toBe(true);
    expect(await check({ kind: "rsa-pss", hash: "SHA-256" }, key, pkcs1)).toBe(false);
    expect(await check({ kind: "rsa-pkcs1", hash: "SHA-384" }, key, pkcs1)).toBe(false);
  });

  it("RSA-PSS keys: for PSS only, and for their hash only (RFC 4055 §3.3)", async () => {
    const keys = await generateKeys("rsa-pss-2048");
    const key = publicKeyOf(keys);
    if (key.kind !== "rsa-pss") throw new Error("the key is of another kind");
    const algorithm = { kind: "rsa-pss", hash: "SHA-256" } as const;
    const signature = sign("SHA-256", message, { key: keys.privateKey, saltLength: 32 });
    expect(await check(algorithm, key, signature)).toBe(true);
    expect(await check(algorithm, { ...key, pssHash: "SHA-256" }, signature)).toBe(true);
    expect(await check(algorithm, { ...key, pssHash: "SHA-384" }, signature)).toBe(false);
    expect(await check({ kind: "rsa-pkcs1", hash: "SHA-256" }, key, signature)).toBe(false);
  });

  it("a key of another kind verifies nothing", async () => {
    const keys = await generateKeys("ed25519");
    const signature = sign(null, message, keys.privateKey);
    const key = publicKeyOf(await generateKeys("ecdsa-p256"));
    expect(await check({ kind: "ed25519" }, key, signature)).toBe(false);
    expect(await check({ kind: "ecdsa", hash: "SHA-256" }, publicKeyOf(keys), signature)).toBe(
      false,
    );
  });
});

describe("signatures on the wire", () => {
  const ecdsa = { kind: "ecdsa", hash: "SHA-256" } as const;

  it.each<[string, number[], Bytes]>([
    ["small numbers", [0, 1, 0, 2], sequence(integer(1), integer(2))],
    ["the sign bit", [0x80, 0, 0x7f, 1], sequence(integer(0, 0x80, 0), integer(0x7f, 1))],
    ["zero", [0, 0, 0, 0xff], sequence(integer(0), integer(0, 0xff))],
    [
      "as long as those of P-521",
      Array.from({ length: 132 }, () => 1),
      sequence(integer(...new Uint8Array(66).fill(1)), integer(...new Uint8Array(66).fill(1))),
    ],
  ])("are minimal DER: %s", (_, numbers, der) => {
    expect(encodeSignature(ecdsa, Uint8Array.from(numbers))).toEqual(der);
  });

  it("are as they are, but for ECDSA", () => {
    const signature = Uint8Array.of(0, 1, 2, 3);
    expect(encodeSignature({ kind: "ed25519" }, signature)).toBe(signature);
  });
});
