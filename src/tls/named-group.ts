/**
 * The key exchange groups, as a table (RFC 8446 §4.2.7; X25519MLKEM768 of
 * draft-ietf-tls-ecdhe-mlkem, which puts the ML-KEM part first; MLKEM1024 of draft-ietf-tls-mlkem).
 *
 * @module
 */

import type { DhGroup, MlKemName, PublicKey } from "../crypto/provider.ts";
import { type GroupName, groupNames } from "./options.ts";

export interface NamedGroup {
  readonly number: number;
  readonly name: GroupName;
  /** The Diffie-Hellman group, alone or as the classical half of a hybrid. */
  readonly dh: DhGroup | undefined;
  /** The ML-KEM, alone or as the other half. Groups with one are for TLS 1.3 only. */
  readonly kem: MlKemName | undefined;
}

const table: Readonly<Record<GroupName, NamedGroup>> = {
  X25519MLKEM768: { number: 0x11ec, name: "X25519MLKEM768", dh: "X25519", kem: "ML-KEM-768" },
  x25519: { number: 0x001d, name: "x25519", dh: "X25519", kem: undefined },
  secp256r1: { number: 0x0017, name: "secp256r1", dh: "P-256", kem: undefined },
  secp384r1: { number: 0x0018, name: "secp384r1", dh: "P-384", kem: undefined },
  secp521r1: { number: 0x0019, name: "secp521r1", dh: "P-521", kem: undefined },
  MLKEM1024: { number: 0x0202, name: "MLKEM1024", dh: undefined, kem: "ML-KEM-1024" },
};

/** Every group, in order of preference. */
export const namedGroups: readonly NamedGroup[] = groupNames.map((name) => table[name]);

export function namedGroup(name: GroupName): NamedGroup {
  return table[name];
}

/**
 * Whether the groups offered allow a server's key: before TLS 1.3, those of elliptic curves stand for
 * certificates too (RFC 8422 §5.3).
 */
export function isOnOffered(groups: readonly NamedGroup[], key: PublicKey): boolean {
  return key.kind !== "ec" || groups.some(({ dh }) => dh === key.curve);
}
