/**
 * The server's signatures, by any scheme a test wants, those that TLS 1.3 forbids included.
 *
 * @module
 */

import { constants, type KeyObject, sign } from "node:crypto";
import type { Bytes } from "../../src/crypto/bytes.ts";
import type { KeyType } from "../authority.ts";

/** SignatureScheme (RFC 8446 §4.2.3). */
export const scheme = {
  rsa_pkcs1_sha1: 0x0201,
  ecdsa_sha1: 0x0203,
  rsa_pkcs1_sha256: 0x0401,
  ecdsa_secp256r1_sha256: 0x0403,
  ecdsa_secp384r1_sha384: 0x0503,
  ecdsa_secp521r1_sha512: 0x0603,
  rsa_pss_rsae_sha256: 0x0804,
  ed25519: 0x0807,
  rsa_pss_pss_sha256: 0x0809,
} as const;

/** The usual scheme of each kind of key. */
export const usualScheme: Readonly<Record<KeyType, number>> = {
  "ecdsa-p256": scheme.ecdsa_secp256r1_sha256,
  "ecdsa-p384": scheme.ecdsa_secp384r1_sha384,
  "ecdsa-p521": scheme.ecdsa_secp521r1_sha512,
  ed25519: scheme.ed25519,
  "rsa-1024": scheme.rsa_pss_rsae_sha256,
  "rsa-2048": scheme.rsa_pss_rsae_sha256,
  "rsa-3072": scheme.rsa_pss_rsae_sha256,
  "rsa-4096": scheme.rsa_pss_rsae_sha256,
  "rsa-pss-2048": scheme.rsa_pss_pss_sha256,
};

/** Hashes by the high byte of the old numbers, and by the low one of those for RSA-PSS. */
const hashes = new Map([
  [0x02, "sha1"],
  [0x04, "sha256"],
  [0x05, "sha384"],
  [0x06, "sha512"],
  [0x09, "sha256"],
  [0x0a, "sha384"],
  [0x0b, "sha512"],
]);

/** @param number what is said to be the scheme; it has to go with the kind of key. */
export function signBy(number: number, key: KeyObject, content: Uint8Array): Bytes {
  return new Uint8Array(signature(number, key, content));
}

function signature(number: number, key: KeyObject, content: Uint8Array) {
  if (number === scheme.ed25519) return sign(null, content, key);
  const hash = hashOf(number);
  if (!isPss(number)) return sign(hash, content, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return sign(hash, content, { key, padding, saltLength });
}

export function isPss(number: number): boolean {
  return number >> 8 === 0x08;
}

/** OpenSSL's name of a scheme's hash. */
export function hashOf(number: number): string {
  const hash = hashes.get(isPss(number) ? number & 0xff : number >> 8);
  if (hash === undefined) throw new Error(`no signature scheme 0x${number.toString(16)}`);
  return hash;
}
