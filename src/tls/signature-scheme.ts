/**
 * The signature schemes, as a table (RFC 8446 §4.2.3). No SHA-1 and no MD5.
 *
 * @module
 */

import type { HashName, MlDsaName, PublicKey, SignatureAlgorithm } from "../crypto/provider.ts";
import type { ProtocolVersionName } from "./options.ts";
import { isPkcs1, type SignatureSchemeName, signatureSchemeNames } from "./server-options.ts";

export interface SignatureScheme {
  readonly number: number;
  readonly name: SignatureSchemeName;
  readonly algorithm: SignatureAlgorithm;
  /** The kind of key it goes with: rsae and pss keys are told apart. */
  readonly key: PublicKey["kind"];
  /** The curve that TLS 1.3 binds it to. In TLS 1.2 it says the hash only (RFC 8446 §4.2.3). */
  readonly curve?: "P-256" | "P-384" | "P-521";
  /** False for PKCS#1, which TLS 1.3 takes in certificates only. */
  readonly tls13: boolean;
}

const table: Readonly<Record<SignatureSchemeName, Omit<SignatureScheme, "name" | "tls13">>> = {
  ecdsa_secp256r1_sha256: ecdsa(0x0403, "SHA-256", "P-256"),
  ecdsa_secp384r1_sha384: ecdsa(0x0503, "SHA-384", "P-384"),
  ecdsa_secp521r1_sha512: ecdsa(0x0603, "SHA-512", "P-521"),
  ed25519: { number: 0x0807, algorithm: { kind: "ed25519" }, key: "ed25519" },
  rsa_pss_rsae_sha256: pss(0x0804, "SHA-256", "rsa"),
  rsa_pss_rsae_sha384: pss(0x0805, "SHA-384", "rsa"),
  rsa_pss_rsae_sha512: pss(0x0806, "SHA-512", "rsa"),
  rsa_pss_pss_sha256: pss(0x0809, "SHA-256", "rsa-pss"),
  rsa_pss_pss_sha384: pss(0x080a, "SHA-384", "rsa-pss"),
  rsa_pss_pss_sha512: pss(0x080b, "SHA-512", "rsa-pss"),
  rsa_pkcs1_sha256: pkcs1(0x0401, "SHA-256"),
  rsa_pkcs1_sha384: pkcs1(0x0501, "SHA-384"),
  rsa_pkcs1_sha512: pkcs1(0x0601, "SHA-512"),
  mldsa44: mlDsa(0x0904, "ML-DSA-44"),
  mldsa65: mlDsa(0x0905, "ML-DSA-65"),
  mldsa87: mlDsa(0x0906, "ML-DSA-87"),
};

/** Every scheme, in the order they are offered. */
export const signatureSchemes: readonly SignatureScheme[] = signatureSchemeNames.map((name) => ({
  name,
  tls13: !isPkcs1(name),
  ...table[name],
}));

const byName = new Map(signatureSchemes.map((scheme) => [scheme.name, scheme]));

/** The scheme of a name: always the same object. */
export function signatureScheme(name: SignatureSchemeName): SignatureScheme {
  const scheme = byName.get(name);
  if (scheme === undefined) throw new TypeError(`there is no signature scheme ${name}`);
  return scheme;
}

function ecdsa(number: number, hash: HashName, curve: "P-256" | "P-384" | "P-521") {
  return { number, algorithm: { kind: "ecdsa", hash }, key: "ec", curve } as const;
}

function pss(number: number, hash: HashName, key: "rsa" | "rsa-pss") {
  return { number, algorithm: { kind: "rsa-pss", hash }, key } as const;
}

function pkcs1(number: number, hash: HashName) {
  return { number, algorithm: { kind: "rsa-pkcs1", hash }, key: "rsa" } as const;
}

/** For TLS 1.3 alone (draft-ietf-tls-mldsa). */
function mlDsa(number: number, parameters: MlDsaName) {
  return { number, algorithm: { kind: "ml-dsa", parameters }, key: "ml-dsa" } as const;
}

/** Whether a key may sign by a scheme in a version. */
export function schemeFits(
  scheme: SignatureScheme,
  key: PublicKey,
  version: ProtocolVersionName,
): boolean {
  if (scheme.key !== key.kind) return false;
  if (key.kind === "ml-dsa") return version === "TLSv1.3" && isOfParameters(scheme, key.parameters);
  if (version === "TLSv1.2") return true;
  return scheme.tls13 && (key.kind !== "ec" || key.curve === scheme.curve);
}

/** Whether a scheme of ML-DSA is that of a parameter set. */
export function isOfParameters({ algorithm }: SignatureScheme, parameters: MlDsaName): boolean {
  return algorithm.kind === "ml-dsa" && algorithm.parameters === parameters;
}
