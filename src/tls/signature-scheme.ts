/**
 * The signature schemes, as a table (RFC 8446 §4.2.3). No SHA-1 and no MD5.
 *
 * @module
 */

import type { HashName, PublicKey, SignatureAlgorithm } from "../crypto/provider.ts";
import type { ProtocolVersionName } from "./options.ts";

export interface SignatureScheme {
  readonly number: number;
  readonly name: string;
  readonly algorithm: SignatureAlgorithm;
  /** The kind of key it goes with: rsae and pss keys are told apart. */
  readonly key: PublicKey["kind"];
  /** The curve that TLS 1.3 binds it to. In TLS 1.2 it says the hash only (RFC 8446 §4.2.3). */
  readonly curve?: "P-256" | "P-384" | "P-521";
  /** False for PKCS#1, which TLS 1.3 takes in certificates only. */
  readonly tls13: boolean;
}

/** Every scheme, in the order they are offered. */
export const signatureSchemes: readonly SignatureScheme[] = [
  ecdsa(0x0403, "ecdsa_secp256r1_sha256", "SHA-256", "P-256"),
  ecdsa(0x0503, "ecdsa_secp384r1_sha384", "SHA-384", "P-384"),
  ecdsa(0x0603, "ecdsa_secp521r1_sha512", "SHA-512", "P-521"),
  {
    number: 0x0807,
    name: "ed25519",
    algorithm: { kind: "ed25519" },
    key: "ed25519",
    tls13: true,
  },
  pss(0x0804, "rsa_pss_rsae_sha256", "SHA-256", "rsa"),
  pss(0x0805, "rsa_pss_rsae_sha384", "SHA-384", "rsa"),
  pss(0x0806, "rsa_pss_rsae_sha512", "SHA-512", "rsa"),
  pss(0x0809, "rsa_pss_pss_sha256", "SHA-256", "rsa-pss"),
  pss(0x080a, "rsa_pss_pss_sha384", "SHA-384", "rsa-pss"),
  pss(0x080b, "rsa_pss_pss_sha512", "SHA-512", "rsa-pss"),
  pkcs1(0x0401, "rsa_pkcs1_sha256", "SHA-256"),
  pkcs1(0x0501, "rsa_pkcs1_sha384", "SHA-384"),
  pkcs1(0x0601, "rsa_pkcs1_sha512", "SHA-512"),
];

function ecdsa(
  number: number,
  name: string,
  hash: HashName,
  curve: "P-256" | "P-384" | "P-521",
): SignatureScheme {
  return { number, name, algorithm: { kind: "ecdsa", hash }, key: "ec", curve, tls13: true };
}

function pss(
  number: number,
  name: string,
  hash: HashName,
  key: "rsa" | "rsa-pss",
): SignatureScheme {
  return { number, name, algorithm: { kind: "rsa-pss", hash }, key, tls13: true };
}

function pkcs1(number: number, name: string, hash: HashName): SignatureScheme {
  return { number, name, algorithm: { kind: "rsa-pkcs1", hash }, key: "rsa", tls13: false };
}

/** Whether a key may sign by a scheme in a version. */
export function schemeFits(
  scheme: SignatureScheme,
  key: PublicKey,
  version: ProtocolVersionName,
): boolean {
  if (scheme.key !== key.kind) return false;
  if (version === "TLSv1.2") return true;
  return scheme.tls13 && (key.kind !== "ec" || key.curve === scheme.curve);
}
