/**
 * The cipher suites, as a table (RFC 8446 §B.4, RFC 5289, RFC 7905).
 *
 * @module
 */

import type { AeadName, HashName } from "../crypto/provider.ts";
import { hex } from "./messages/registry.ts";
import { type CipherSuiteName, cipherSuiteNames, versionOfSuite } from "./options.ts";

/** What the cipher of a suite is, in either version. */
interface SuiteParameters {
  readonly number: number;
  readonly name: CipherSuiteName;
  readonly aead: AeadName;
  /** Hash of the key schedule (1.3) or the PRF (1.2), and of the transcript. */
  readonly hash: HashName;
}

export interface CipherSuite13 extends SuiteParameters {
  readonly version: "TLSv1.3";
}

export interface CipherSuite12 extends SuiteParameters {
  readonly version: "TLSv1.2";
  /** What the server's certificate signs with; `ecdsa` stands for Ed25519 too (RFC 8422 §2). */
  readonly authentication: "ecdsa" | "rsa";
}

export type CipherSuite = CipherSuite13 | CipherSuite12;

const numbers: Readonly<Record<CipherSuiteName, number>> = {
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 0xc02b,
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 0xc02c,
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 0xc02f,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 0xc030,
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca8,
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 0xcca9,
};

function suite(name: CipherSuiteName): CipherSuite {
  const aead = name.includes("CHACHA20")
    ? "ChaCha20-Poly1305"
    : name.includes("AES_256")
      ? "AES-256-GCM"
      : "AES-128-GCM";
  const hash = name.endsWith("SHA384") ? "SHA-384" : "SHA-256";
  const common = { number: numbers[name], name, aead, hash } as const;
  if (versionOfSuite(name) === "TLSv1.3") return { ...common, version: "TLSv1.3" };
  const authentication = name.includes("ECDHE_ECDSA") ? "ecdsa" : "rsa";
  return { ...common, version: "TLSv1.2", authentication };
}

/** Every suite, in order of preference where AES runs on the platform. */
export const cipherSuites: readonly CipherSuite[] = cipherSuiteNames.map(suite);

/** What servers still choose that webtls never offers; only to name them in an error. */
const neverOffered: Readonly<Record<number, string>> = {
  5: "TLS_RSA_WITH_RC4_128_SHA",
  10: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  47: "TLS_RSA_WITH_AES_128_CBC_SHA",
  53: "TLS_RSA_WITH_AES_256_CBC_SHA",
  156: "TLS_RSA_WITH_AES_128_GCM_SHA256",
  49171: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  49172: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
};

/** A suite's name for a message, whether webtls has it or not. */
export function describeSuite(number: number): string {
  const known = cipherSuites.find((candidate) => candidate.number === number);
  return known?.name ?? neverOffered[number] ?? hex(number);
}
