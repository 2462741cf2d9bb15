/**
 * Compliance policies, as an application would ask for them by its options.
 *
 * @module
 */

import type { TlsOptions } from "../../../src/stream/duplex.ts";
import type { ConnectionFlags } from "./flags.ts";

type Policy = Required<Pick<TlsOptions, "cipherSuites" | "groups" | "signatureSchemes">>;

const aes256 = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
] as const;

const policies = {
  // NIST SP 800-52r2 §3.3, §3.4.2.
  "fips-202205": {
    cipherSuites: [
      "TLS_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      ...aes256,
    ],
    groups: ["secp256r1", "secp384r1"],
    signatureSchemes: [
      "rsa_pkcs1_sha256",
      "rsa_pkcs1_sha384",
      "rsa_pkcs1_sha512",
      "ecdsa_secp256r1_sha256",
      "ecdsa_secp384r1_sha384",
      "rsa_pss_rsae_sha256",
      "rsa_pss_rsae_sha384",
      "rsa_pss_rsae_sha512",
    ],
  },
  // WPA3 version 3.1 §3.5, its 192-bit mode.
  "wpa-202304": {
    cipherSuites: aes256,
    groups: ["secp384r1"],
    signatureSchemes: [
      "rsa_pkcs1_sha384",
      "rsa_pkcs1_sha512",
      "ecdsa_secp384r1_sha384",
      "rsa_pss_rsae_sha384",
      "rsa_pss_rsae_sha512",
    ],
  },
  // RFC 9151, with ML-KEM-1024 as a choice more.
  "cnsa1-202603": {
    cipherSuites: aes256,
    groups: ["MLKEM1024", "secp384r1"],
    signatureSchemes: ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha384"],
  },
  // draft-becker-cnsa2-tls-profile, of which TLS 1.2 is no part.
  "cnsa2-202603": {
    cipherSuites: ["TLS_AES_256_GCM_SHA384"],
    groups: ["MLKEM1024"],
    signatureSchemes: ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha384"],
  },
} as const satisfies Record<string, Policy>;

/** The options of the policy that the flags name; none where they name none. */
export function policyOptions(flags: ConnectionFlags): Partial<Policy> {
  for (const [name, policy] of Object.entries(policies)) {
    if (flags.has(name as keyof typeof policies)) return policy;
  }
  return {};
}
