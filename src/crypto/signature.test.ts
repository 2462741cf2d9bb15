/**
 * Verification of signatures by every provider: what Node's own OpenSSL signed, and refusals.
 */

import { constants, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Bytes } from "./bytes.ts";
import { nobleCrypto } from "./noble.ts";
import { platformCrypto } from "./platform.ts";
import type { CryptoProvider, HashName, PublicKey, SignatureAlgorithm } from "./provider.ts";
import { webCrypto } from "./webcrypto.ts";

const bytes = (data: Uint8Array): Bytes => new Uint8Array(data);
const hex = (text: string): Bytes => bytes(Buffer.from(text, "hex"));
const base64Url = (text: string | undefined): Bytes => bytes(Buffer.from(text ?? "", "base64url"));
const flipped = (data: Uint8Array, index: number): Bytes =>
  Uint8Array.from(data, (byte, at) => (at === index ? byte ^ 1 : byte));

const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["webcrypto", webCrypto],
  ["noble", nobleCrypto],
  ["platform", platformCrypto],
];
const hashNames: readonly HashName[] = ["SHA-256", "SHA-384", "SHA-512"];
const message = bytes(Buffer.from("what was signed"));

const ecKeys = (["P-256", "P-384", "P-521"] as const).map((curve) => {
  const pair = generateKeyPairSync("ec", { namedCurve: curve });
  const { x, y } = pair.publicKey.export({ format: "jwk" });
  const point = bytes(Buffer.concat([Buffer.of(4), base64Url(x), base64Url(y)]));
  return { privateKey: pair.privateKey, publicKey: { kind: "ec", curve, point } as const };
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaJwk = rsa.publicKey.export({ format: "jwk" });
const rsaKey = {
  kind: "rsa",
  modulus: base64Url(rsaJwk.n),
  exponent: base64Url(rsaJwk.e),
} as const;

/** RFC 8032 §7.1, TEST 2. */
const ed25519 = {
  publicKey: {
    kind: "ed25519",
    key: hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
  },
  message: hex("72"),
  signature: hex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ),
} as const;

function signPss(hash: HashName, saltLength: number): Bytes {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return bytes(sign(hash.replace("-", ""), message, { key: rsa.privateKey, padding, saltLength }));
}

describe.each(providers)("%s", (_, provider) => {
  const verify = (
    algorithm: SignatureAlgorithm,
    key: PublicKey,
    signature: Uint8Array,
    text: Uint8Array = message,
  ) => provider.verifySignature(algorithm, key, signature, text);

  test.each(hashNames)("ECDSA with %s on every curve", async (hash) => {
    for (const { privateKey, publicKey } of ecKeys) {
      const signature = bytes(
        sign(hash.replace("-", ""), message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
      );
      const algorithm = { kind: "ecdsa", hash } as const;
      expect(await verify(algorithm, publicKey, signature)).toBe(true);
      expect(await verify(algorithm, publicKey, flipped(signature, 5))).toBe(false);
      expect(await verify(algorithm, publicKey, signature, hex("00"))).toBe(false);
      expect(await verify(algorithm, publicKey, signature.subarray(1))).toBe(false);
      expect(await verify(algorithm, publicKey, new Uint8Array(signature.length))).toBe(false);
      // Another hash than the signer's.
      const other = hash === "SHA-256" ? "SHA-384" : "SHA-256";
      expect(await verify({ kind: "ecdsa", hash: other }, publicKey, signature)).toBe(false);
    }
  });

  test("ECDSA refuses keys that are not points, and the signature in DER", async () => {
    const [first] = ecKeys;
    if (first === undefined) throw new Error("no key was made");
    const { privateKey, publicKey } = first;
    const algorithm = { kind: "ecdsa", hash: "SHA-256" } as const;
    const signature = bytes(
      sign("SHA256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
    );
    const { point } = publicKey;
    const parity = (point[64] ?? 0) & 1;
    const wrong = [
      flipped(point, 64),
      new Uint8Array(65),
      point.subarray(1),
      bytes(Buffer.concat([Buffer.of(2 + parity), point.subarray(1, 33)])),
      bytes(Buffer.concat([Buffer.of(6 + parity), point.subarray(1)])),
    ];
    for (const bad of wrong) {
      expect(await verify(algorithm, { ...publicKey, point: bad }, signature)).toBe(false);
    }
    expect(await verify(algorithm, { ...publicKey, curve: "P-384" }, signature)).toBe(false);
    const der = bytes(sign("SHA256", message, privateKey));
    expect(await verify(algorithm, publicKey, der)).toBe(false);
  });

  test("Ed25519", async () => {
    const { publicKey, signature } = ed25519;
    const algorithm = { kind: "ed25519" } as const;
    expect(await verify(algorithm, publicKey, signature, ed25519.message)).toBe(true);
    expect(await verify(algorithm, publicKey, signature, hex("73"))).toBe(false);
    for (const index of [0, 32, 63]) {
      const bad = flipped(signature, index);
      expect(await verify(algorithm, publicKey, bad, ed25519.message)).toBe(false);
    }
    // The same signature with the group's order added to s: 2^252 + …, so that s is not reduced.
    const order = BigInt(
      "7237005577332262213973186563042994240857116359379907606001950938285454250989",
    );
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
    const unreduced = hex((s + order).toString(16).padStart(64, "0")).reverse();
    const malleable = bytes(Buffer.concat([signature.subarray(0, 32), unreduced]));
    expect(await verify(algorithm, publicKey, malleable, ed25519.message)).toBe(false);
    const short = signature.subarray(1);
    expect(await verify(algorithm, publicKey, short, ed25519.message)).toBe(false);
    // y = 2 is not the y-coordinate of any point; the last is a key that is too short.
    for (const key of [flipped(new Uint8Array(32).fill(0), 0).fill(2, 0, 1), new Uint8Array(31)]) {
      const bad = { kind: "ed25519", key } as const;
      expect(await verify(algorithm, bad, signature, ed25519.message)).toBe(false);
    }
  });

  test.each(hashNames)("RSA-PSS with %s takes a salt as long as the hash only", async (hash) => {
    const algorithm = { kind: "rsa-pss", hash } as const;
    const saltLength = Number(hash.slice(4)) / 8;
    const signature = signPss(hash, saltLength);
    expect(await verify(algorithm, rsaKey, signature)).toBe(true);
    expect(await verify(algorithm, { ...rsaKey, kind: "rsa-pss" }, signature)).toBe(true);
    expect(await verify(algorithm, rsaKey, flipped(signature, 100))).toBe(false);
    expect(await verify(algorithm, rsaKey, signature, hex("00"))).toBe(false);
    for (const other of [0, 20, saltLength - 1, saltLength + 1]) {
      expect(await verify(algorithm, rsaKey, signPss(hash, other))).toBe(false);
    }
  });

  test.each(hashNames)("RSA PKCS #1 with %s", async (hash) => {
    const algorithm = { kind: "rsa-pkcs1", hash } as const;
    const signature = bytes(sign(hash.replace("-", ""), message, rsa.privateKey));
    expect(await verify(algorithm, rsaKey, signature)).toBe(true);
    expect(await verify(algorithm, rsaKey, flipped(signature, 100))).toBe(false);
    expect(await verify(algorithm, rsaKey, signature, hex("00"))).toBe(false);
    expect(await verify(algorithm, rsaKey, signature.subarray(1))).toBe(false);
    const longer = bytes(Buffer.concat([Buffer.of(0), signature]));
    expect(await verify(algorithm, rsaKey, longer)).toBe(false);
    expect(await verify({ kind: "rsa-pss", hash }, rsaKey, signature)).toBe(false);
    // Not reduced by the modulus, where it still has the modulus's length.
    const number = (data: Uint8Array) => BigInt(`0x${Buffer.from(data).toString("hex")}`);
    const sum = (number(signature) + number(rsaKey.modulus)).toString(16);
    if (sum.length === 512) expect(await verify(algorithm, rsaKey, hex(sum))).toBe(false);
    // RFC 4055 §1.2: not with a key that is marked for RSASSA-PSS.
    expect(await verify(algorithm, { ...rsaKey, kind: "rsa-pss" }, signature)).toBe(false);
  });

  test("RSA refuses keys that no honest issuer makes", async () => {
    const algorithm = { kind: "rsa-pkcs1", hash: "SHA-256" } as const;
    const signature = bytes(sign("SHA256", message, rsa.privateKey));
    const wrong: PublicKey[] = [
      { ...rsaKey, exponent: hex("01") },
      { ...rsaKey, exponent: hex("02") },
      { ...rsaKey, exponent: hex("0100000001") },
      { ...rsaKey, exponent: new Uint8Array(0) },
      { ...rsaKey, exponent: rsaKey.modulus },
      { ...rsaKey, modulus: flipped(rsaKey.modulus, 255) },
      { ...rsaKey, modulus: new Uint8Array(0) },
    ];
    for (const key of wrong) expect(await verify(algorithm, key, signature)).toBe(false);
    const huge = { ...rsaKey, modulus: new Uint8Array(2048).fill(0xff) };
    expect(await verify(algorithm, huge, new Uint8Array(2048))).toBe(false);
    // A modulus too short for the encoded message (RFC 8017 §8.1.2 step 2c and §9.2 step 3).
    const tiny = { ...rsaKey, modulus: hex("c7f1bd") };
    expect(await verify(algorithm, tiny, hex("000001"))).toBe(false);
    expect(await verify({ kind: "rsa-pss", hash: "SHA-256" }, tiny, hex("000001"))).toBe(false);
  });

  test("a key of another kind is refused, whatever the signature", async () => {
    const [ec] = ecKeys;
    if (ec === undefined) throw new Error("no key was made");
    const algorithms: SignatureAlgorithm[] = [
      { kind: "ecdsa", hash: "SHA-256" },
      { kind: "ed25519" },
      { kind: "rsa-pss", hash: "SHA-256" },
      { kind: "rsa-pkcs1", hash: "SHA-256" },
    ];
    const keys = [ec.publicKey, ed25519.publicKey, rsaKey];
    const fits = { ec: ["ecdsa"], ed25519: ["ed25519"], rsa: ["rsa-pss", "rsa-pkcs1"] };
    for (const algorithm of algorithms) {
      for (const key of keys) {
        if (fits[key.kind].includes(algorithm.kind)) continue;
        expect(await verify(algorithm, key, new Uint8Array(64))).toBe(false);
        expect(await verify(algorithm, key, new Uint8Array(256))).toBe(false);
      }
    }
  });
});
