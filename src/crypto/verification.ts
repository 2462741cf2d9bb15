/**
 * What is checked of a signature before any provider does arithmetic: that algorithm, key and
 * signature fit together. All providers share it, so they refuse the same shapes.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";
import type { HashName, MlDsaName, PublicKey, SignatureAlgorithm } from "./provider.ts";

/** The NIST curves (FIPS 186-5). */
export type NistCurve = "P-256" | "P-384" | "P-521";

/** Length of a coordinate, and of each of r and s, in bytes. */
export const coordinateLength: Readonly<Record<NistCurve, number>> = {
  "P-256": 32,
  "P-384": 48,
  "P-521": 66,
};

/** Lengths of public keys and signatures, in bytes (FIPS 204 §4, table 2). */
export const mlDsaLengths: Readonly<
  Record<MlDsaName, { readonly key: number; readonly signature: number }>
> = {
  "ML-DSA-44": { key: 1312, signature: 2420 },
  "ML-DSA-65": { key: 1952, signature: 3309 },
  "ML-DSA-87": { key: 2592, signature: 4627 },
};

/** A signature algorithm together with a key that it can be used with. */
export type Verification =
  | {
      readonly kind: "ecdsa";
      readonly hash: HashName;
      readonly curve: NistCurve;
      readonly point: Bytes;
    }
  | { readonly kind: "ed25519"; readonly key: Bytes }
  | { readonly kind: "ml-dsa"; readonly parameters: MlDsaName; readonly key: Bytes }
  | {
      readonly kind: "rsa-pss" | "rsa-pkcs1";
      readonly hash: HashName;
      readonly modulus: Bytes;
      readonly exponent: Bytes;
    };

/**
 * Brings algorithm and key together.
 *
 * @returns undefined where the key is of another kind, the key or the signature has an impossible
 * shape, or the key is one that no honest issuer makes.
 */
export function parseVerification(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  signature: Uint8Array,
): Verification | undefined {
  switch (algorithm.kind) {
    case "ecdsa": {
      if (key.kind !== "ec" || !isUncompressedPoint(key.curve, key.point)) return undefined;
      if (signature.length !== 2 * coordinateLength[key.curve]) return undefined;
      return { kind: "ecdsa", hash: algorithm.hash, curve: key.curve, point: key.point };
    }
    case "ed25519": {
      // RFC 8032 §5.1.5 and §5.1.6: a key is 32 bytes, a signature 64.
      if (key.kind !== "ed25519" || key.key.length !== 32) return undefined;
      if (signature.length !== 64) return undefined;
      // WebKitGTK leaves this out, and so takes several signatures for one (RFC 8032 §5.1.7 step 1).
      if (!isBelow(Uint8Array.from(signature.subarray(32)).reverse(), ed25519Order))
        return undefined;
      return { kind: "ed25519", key: key.key };
    }
    case "ml-dsa": {
      if (key.kind !== "ml-dsa" || key.parameters !== algorithm.parameters) return undefined;
      const { parameters } = algorithm;
      const lengths = mlDsaLengths[parameters];
      if (key.key.length !== lengths.key || signature.length !== lengths.signature)
        return undefined;
      return { kind: "ml-dsa", parameters, key: key.key };
    }
    case "rsa-pss":
    case "rsa-pkcs1": {
      if (key.kind !== "rsa" && key.kind !== "rsa-pss") return undefined;
      // RFC 4055 §1.2: a key marked id-RSASSA-PSS is for RSASSA-PSS alone.
      if (algorithm.kind === "rsa-pkcs1" && key.kind === "rsa-pss") return undefined;
      if (!isPlausibleRsaKey(key.modulus, key.exponent)) return undefined;
      // RFC 8017 §8.1.2 and §8.2.2, step 1: exactly as long as the modulus.
      if (signature.length !== key.modulus.length) return undefined;
      // RFC 8017 §5.2.2 step 1; WebKitGTK leaves this out.
      if (!isBelow(signature, key.modulus)) return undefined;
      const { modulus, exponent } = key;
      return { kind: algorithm.kind, hash: algorithm.hash, modulus, exponent };
    }
  }
}

/** L, the order of Ed25519's base point, big-endian (RFC 8032 §5.1). */
const ed25519Order = Uint8Array.of(
  ...[0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6],
  ...[0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed],
);

/** Whether the first of two big-endian numbers of the same length is the smaller. Not for secrets. */
function isBelow(number: Uint8Array, bound: Uint8Array): boolean {
  const at = number.findIndex((byte, index) => byte !== bound[index]);
  return at !== -1 && (number[at] ?? 0) < (bound[at] ?? 0);
}

/**
 * Whether the bytes have the shape of an uncompressed point, the only one TLS 1.3 knows
 * (RFC 8446 §4.2.8.2). Some platforms would also take the compressed and the hybrid form.
 */
export function isUncompressedPoint(curve: NistCurve, point: Uint8Array): boolean {
  return point.length === 1 + 2 * coordinateLength[curve] && point[0] === 0x04;
}

/**
 * Longest exponent of an RSA key, in bytes: verifying with one as long as the modulus costs as much
 * as signing. Go's limit is 31 bits, BoringSSL's 33.
 */
export const maxRsaExponentLength = 4;

/**
 * Bounds that keep a hostile key from stalling the thread: a modulus of at most 8192 bits, and
 * {@link maxRsaExponentLength}. Modulus and exponent are odd, and an exponent of 1, with which
 * anyone can sign, is refused (RFC 8017 §3.1). How short a modulus may be is for the certificate
 * checks to say.
 */
function isPlausibleRsaKey(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const isOdd = (number: Uint8Array) => ((number.at(-1) ?? 0) & 1) === 1;
  if (modulus.length > 1024 || modulus[0] === 0 || !isOdd(modulus)) return false;
  if (exponent.length > maxRsaExponentLength || exponent[0] === 0 || !isOdd(exponent)) return false;
  return exponent.length > 1 || exponent[0] !== 1;
}
