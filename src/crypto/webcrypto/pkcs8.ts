/**
 * PKCS#8 (RFC 5958), the one container of private keys that every engine's WebCrypto takes. It is
 * always written in the same form: some engines take no other.
 *
 * @module
 */

import { type Bytes, concat } from "../bytes.ts";
import type { PrivateKey } from "../provider.ts";

/** The keys that WebCrypto may have. */
export type PlatformKey = Exclude<PrivateKey, { kind: "ml-dsa" }>;

const sequence = 0x30;
const octetString = 0x04;

/** Object identifiers as they are encoded. */
const oids = {
  /** id-ecPublicKey (RFC 5480 §2.1.1). */
  ec: [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
  "P-256": [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
  "P-384": [0x06, 5, 0x2b, 0x81, 4, 0, 34],
  "P-521": [0x06, 5, 0x2b, 0x81, 4, 0, 35],
  /** id-Ed25519 (RFC 8410 §3). */
  ed25519: [0x06, 3, 0x2b, 0x65, 0x70],
  /** rsaEncryption with its NULL (RFC 8017 appendix A.1), for keys marked id-RSASSA-PSS too. */
  rsa: [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0],
} as const;

/** PrivateKeyInfo of version 1. */
export function encodePkcs8(key: PlatformKey): Bytes {
  return der(
    sequence,
    version(0),
    der(sequence, Uint8Array.from(algorithmOf(key))),
    der(octetString, privateKeyOf(key)),
  );
}

function algorithmOf(key: PlatformKey): readonly number[] {
  return key.kind === "ec" ? [...oids.ec, ...oids[key.curve]] : oids[key.kind];
}

function privateKeyOf(key: PlatformKey): Bytes {
  switch (key.kind) {
    case "ec":
      // ECPrivateKey (RFC 5915 §3) with its public key, which some engines insist on.
      return der(
        sequence,
        version(1),
        der(octetString, key.scalar),
        der(0xa1, der(0x03, Uint8Array.of(0), key.point)),
      );
    case "ed25519":
      // CurvePrivateKey (RFC 8410 §7).
      return der(octetString, key.seed);
    case "rsa":
      return key.rsaPrivateKey;
  }
}

function version(number: number): Bytes {
  return Uint8Array.of(0x02, 1, number);
}

/** One element in DER; keys are at most some 5 KiB long. */
function der(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const body = concat(...content);
  const { length } = body;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), body);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), body);
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), body);
}
