/**
 * Options of how the server may authenticate itself, and the checks of them. Names only, no protocol
 * code.
 *
 * @module
 */

import { checkOneOf } from "../errors.ts";
import { checkBoolean } from "./caller-options.ts";
import { checkNames } from "./option-checks.ts";

/** The signature schemes that are offered by default, by their IANA names and in this order. */
export const usualSignatureSchemeNames = [
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "ecdsa_secp521r1_sha512",
  "ed25519",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha384",
  "rsa_pss_rsae_sha512",
  "rsa_pss_pss_sha256",
  "rsa_pss_pss_sha384",
  "rsa_pss_pss_sha512",
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha512",
] as const;

/**
 * Every signature scheme. Those of ML-DSA (draft-ietf-tls-mldsa) are for whoever asks for them:
 * hardly anybody has a certificate for them yet, and they are no RFC.
 */
export const signatureSchemeNames = [
  ...usualSignatureSchemeNames,
  "mldsa44",
  "mldsa65",
  "mldsa87",
] as const;
export type SignatureSchemeName = (typeof signatureSchemeNames)[number];

/** Algorithms that certificates may be compressed by (RFC 8879 §3), the one wanted most first. */
export const certificateCompressionNames = ["zlib", "brotli"] as const;
export type CertificateCompressionName = (typeof certificateCompressionNames)[number];

/** Whether a scheme is one that TLS 1.3 takes in certificates only (RFC 8446 §4.2.3). */
export function isPkcs1(name: SignatureSchemeName): boolean {
  return name.startsWith("rsa_pkcs1_");
}

/** CertificateType, by the names of its registry (RFC 7250 §3). */
export const certificateTypeNames = ["X509", "RawPublicKey"] as const;
export type CertificateTypeName = (typeof certificateTypeNames)[number];

/** Options of how the server may authenticate itself. */
export interface ServerAuthenticationOptions {
  /**
   * Signature schemes by which the server may sign the handshake, most wanted first (RFC 8446
   * §4.2.3). It is also told to servers as a wish for their certificates, but those are taken with
   * any signature that webtls knows. PKCS#1 is for TLS 1.2: where it is all that is offered, a server
   * of TLS 1.3 has nothing to sign by, unless `maxVersion` keeps it to the older one. Default: all
   * but those of ML-DSA.
   */
  signatureSchemes?: readonly SignatureSchemeName[];
  /**
   * How the server may compress its certificate in TLS 1.3, most wanted first (RFC 8879); an empty
   * list for not at all. zlib is the platform's, and not offered where it has none; brotli is too
   * where the platform has it, and otherwise a library that is loaded when a server uses it.
   * Default: zlib and brotli.
   */
  certificateCompression?: readonly CertificateCompressionName[];
  /**
   * What the server may show, most wanted first (RFC 7250): `"RawPublicKey"` only with `publicKeys`
   * or `dangerousVerify`, `"X509"` only with `roots` or `dangerousVerify`. Default: what is trusted,
   * raw public keys first; `["X509"]` with `dangerousVerify`.
   */
  serverCertificateTypes?: readonly CertificateTypeName[];
  /**
   * Ask the server to staple an OCSP response to its certificate (RFC 6066 §8, RFC 8446 §4.4.2.1). One
   * that comes has to be sound, of now, and to say that the certificate is good: signed by its issuer
   * or in its name, clocks five minutes apart at most, and seven days old at most where it does not
   * say how long it holds. One that has no answer in it, such as `tryLater`, counts as none. None has
   * to come unless the certificate demands it (RFC 7633, "must-staple"), or here `"required"` does.
   * It is for certificates that lead to a root: of others the issuer is not known. `dangerousVerify`
   * gets it as it came. Default: true.
   */
  ocspStapling?: boolean | "required";
  /**
   * Ask the server for Signed Certificate Timestamps (RFC 6962 §3.3). They are reported as they came,
   * given to `dangerousVerify`, and looked at for `certificateTransparency`. Default: whether that is
   * given.
   */
  signedCertificateTimestamps?: boolean;
}

/** The names of all members of {@link ServerAuthenticationOptions}. */
export const serverAuthenticationOptionNames = [
  "signatureSchemes",
  "certificateCompression",
  "serverCertificateTypes",
  "ocspStapling",
  "signedCertificateTimestamps",
] as const satisfies readonly (keyof ServerAuthenticationOptions)[];

/** @throws TlsError `configuration/invalid-option`, which names the option. */
export function checkServerAuthenticationOptions(options: ServerAuthenticationOptions): void {
  checkNames("signatureSchemes", options.signatureSchemes, signatureSchemeNames);
  checkNames(
    "certificateCompression",
    options.certificateCompression,
    certificateCompressionNames,
    { mayBeEmpty: true },
  );
  checkNames("serverCertificateTypes", options.serverCertificateTypes, certificateTypeNames);
  checkOneOf("ocspStapling", options.ocspStapling, [true, false, "required"]);
  checkBoolean("signedCertificateTimestamps", options.signedCertificateTimestamps);
}
