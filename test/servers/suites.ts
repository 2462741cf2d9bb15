/**
 * The names that OpenSSL, and so Node, has for what the library names as IANA does.
 *
 * @module
 */

import {
  type CipherSuiteName,
  cipherSuiteNames,
  type GroupName,
  type ProtocolVersionName,
  versionOfSuite,
} from "../../src/tls/options.ts";
import type { KeyType } from "../authority.ts";

/** OpenSSL's name of a suite: its own for TLS 1.2, IANA's for TLS 1.3. */
export function opensslSuite(suite: CipherSuiteName): string {
  if (versionOfSuite(suite) === "TLSv1.3") return suite;
  return suite
    .replace(/^TLS_/, "")
    .replace("_WITH_", "_")
    .replace(/AES_(\d+)/, "AES$1")
    .replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
    .replaceAll("_", "-");
}

/** The kind of key that a suite's server certificate must have. */
export function keyTypeOf(suite: CipherSuiteName): KeyType {
  return suite.includes("_RSA_") ? "rsa-2048" : "ecdsa-p256";
}

/** The groups that the OpenSSL 3.0 of Debian and Node 20 knows: all but those with ML-KEM. */
export const classicGroups = ["x25519", "secp256r1", "secp384r1", "secp521r1"] as const;

/** OpenSSL's name of a group. */
export const opensslGroup: Readonly<Record<GroupName, string>> = {
  X25519MLKEM768: "X25519MLKEM768",
  MLKEM1024: "MLKEM1024",
  x25519: "X25519",
  secp256r1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

export const suites: readonly { suite: CipherSuiteName; version: ProtocolVersionName }[] =
  cipherSuiteNames.map((suite) => ({ suite, version: versionOfSuite(suite) }));
