/**
 * Issuers whose keys and signatures are the same in every run.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../../../src/crypto/bytes.ts";
import type { Keys } from "../../authority.ts";
import { bitString, integer, nothing, octets, oid, sequence } from "../../der-writer.ts";

/** A key with its name. */
export interface Signer {
  readonly name: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  /** PKCS#8 in DER. */
  readonly privateKey: Bytes;
  /** DER of the AlgorithmIdentifier of its signatures. */
  readonly algorithm: Bytes;
  sign(data: Bytes): Bytes;
}

/** A key of Ed25519, made of its name. */
export function ed25519Signer(name: string): Signer & { readonly keys: Keys } {
  const algorithm = sequence(oid("1.3.101.112"));
  const privateKey = sequence(integer(0), algorithm, octets(octets(secretOf(name))));
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key);
  return {
    name,
    keys: { type: "ed25519", privateKey: key, publicKey },
    publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    privateKey,
    algorithm,
    sign: (data) => new Uint8Array(sign(null, data, key)),
  };
}

/** A key of P-256, made of its name; its signatures are deterministic (RFC 6979). */
export function p256Signer(name: string): Signer {
  const secret = secretOf(name);
  const point = p256.getPublicKey(secret, false);
  const keyAlgorithm = sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"));
  return {
    name,
    publicKey: sequence(keyAlgorithm, bitString(point)),
    privateKey: sequence(integer(0), keyAlgorithm, octets(sequence(integer(1), octets(secret)))),
    algorithm: sequence(oid("1.2.840.10045.4.3.2")),
    sign: (data) => new Uint8Array(p256.sign(data, secret, { format: "der" })),
  };
}

/** An RSA key that nobody has the other half of: DER of the SubjectPublicKeyInfo. */
export function rsaPublicKey(name: string): Bytes {
  return sequence(
    sequence(oid("1.2.840.113549.1.1.1"), nothing()),
    bitString(sequence(integer(0, ...modulusOf(name)), integer(1, 0, 1))),
  );
}

/** An RSAPrivateKey (RFC 8017 appendix A.1.2) whose numbers have nothing to do with each other. */
export function rsaPrivateKey(name: string): Bytes {
  const half = [0, ...modulusOf(name).slice(0, 128)];
  const numbers = [[0, ...modulusOf(name)], [1, 0, 1], half, half, half, half, half, half];
  return sequence(integer(0), ...numbers.map((number) => integer(...number)));
}

function modulusOf(name: string): number[] {
  const bytes = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((part) => [...secretOf(`${name} ${part}`)]);
  return bytes.map((byte, index) => (index === 0 ? byte | 0x80 : byte | 1));
}

function secretOf(name: string): Bytes {
  return new Uint8Array(sha256(new TextEncoder().encode(name)));
}
