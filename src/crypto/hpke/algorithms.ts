/**
 * The algorithms of HPKE (RFC 9180 §7), as tables: those that our providers have.
 *
 * @module
 */

import type { AeadName, DhGroup, HashName } from "../provider.ts";

/** A key encapsulation mechanism over a Diffie-Hellman group (RFC 9180 §7.1). */
export interface HpkeKem {
  readonly id: number;
  readonly group: DhGroup;
  /** Of the mechanism itself, whatever the suite's KDF is. */
  readonly hash: HashName;
  /** Of a public key and of an encapsulated one, in bytes. */
  readonly keyLength: number;
}

export interface HpkeKdf {
  readonly id: number;
  readonly hash: HashName;
}

export interface HpkeAead {
  readonly id: number;
  readonly name: AeadName;
}

/** What a sender and a recipient have to agree on. */
export interface HpkeSuite {
  readonly kem: HpkeKem;
  readonly kdf: HpkeKdf;
  readonly aead: HpkeAead;
}

const kems: readonly HpkeKem[] = [
  { id: 0x0010, group: "P-256", hash: "SHA-256", keyLength: 65 },
  { id: 0x0011, group: "P-384", hash: "SHA-384", keyLength: 97 },
  { id: 0x0012, group: "P-521", hash: "SHA-512", keyLength: 133 },
  { id: 0x0020, group: "X25519", hash: "SHA-256", keyLength: 32 },
];

/** RFC 9180 §7.2. */
const kdfs: readonly HpkeKdf[] = [
  { id: 0x0001, hash: "SHA-256" },
  { id: 0x0002, hash: "SHA-384" },
  { id: 0x0003, hash: "SHA-512" },
];

/** RFC 9180 §7.3. */
const aeads: readonly HpkeAead[] = [
  { id: 0x0001, name: "AES-128-GCM" },
  { id: 0x0002, name: "AES-256-GCM" },
  { id: 0x0003, name: "ChaCha20-Poly1305" },
];

/** @returns undefined where one of the numbers is of an algorithm that webtls does not have. */
export function hpkeSuite(kemId: number, kdfId: number, aeadId: number): HpkeSuite | undefined {
  const kem = kems.find(({ id }) => id === kemId);
  const kdf = kdfs.find(({ id }) => id === kdfId);
  const aead = aeads.find(({ id }) => id === aeadId);
  if (kem === undefined || kdf === undefined || aead === undefined) return undefined;
  return { kem, kdf, aead };
}
