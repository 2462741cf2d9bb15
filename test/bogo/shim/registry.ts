/**
 * Names by the numbers that the runner's flags use (IANA's registries of TLS).
 *
 * @module
 */

import type { ConnectionInfo, TlsOptions } from "../../../src/stream/duplex.ts";
import { Unimplemented } from "./flags.ts";

type Group = ConnectionInfo["group"];
type CipherSuite = ConnectionInfo["cipherSuite"];
type Version = ConnectionInfo["version"];
type SignatureScheme = NonNullable<TlsOptions["signatureSchemes"]>[number];
type CertificateType = ConnectionInfo["certificateType"];

const groups = new Map<number, Group>([
  [0x0017, "secp256r1"],
  [0x0018, "secp384r1"],
  [0x0019, "secp521r1"],
  [0x001d, "x25519"],
  [0x0202, "MLKEM1024"],
  [0x11ec, "X25519MLKEM768"],
]);

const signatureSchemes = new Map<number, SignatureScheme>([
  [0x0401, "rsa_pkcs1_sha256"],
  [0x0501, "rsa_pkcs1_sha384"],
  [0x0601, "rsa_pkcs1_sha512"],
  [0x0403, "ecdsa_secp256r1_sha256"],
  [0x0503, "ecdsa_secp384r1_sha384"],
  [0x0603, "ecdsa_secp521r1_sha512"],
  [0x0804, "rsa_pss_rsae_sha256"],
  [0x0805, "rsa_pss_rsae_sha384"],
  [0x0806, "rsa_pss_rsae_sha512"],
  [0x0807, "ed25519"],
  [0x0904, "mldsa44"],
  [0x0905, "mldsa65"],
  [0x0906, "mldsa87"],
  [0x0809, "rsa_pss_pss_sha256"],
  [0x080a, "rsa_pss_pss_sha384"],
  [0x080b, "rsa_pss_pss_sha512"],
]);

const cipherSuites = new Map<number, CipherSuite>([
  [0x1301, "TLS_AES_128_GCM_SHA256"],
  [0x1302, "TLS_AES_256_GCM_SHA384"],
  [0x1303, "TLS_CHACHA20_POLY1305_SHA256"],
  [0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  [0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
  [0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  [0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  [0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
  [0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"],
]);

const versions = new Map<number, Version>([
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);

const certificateTypes = new Map<number, CertificateType>([
  [0, "X509"],
  [2, "RawPublicKey"],
]);

export const groupOf = lookup("group", groups);
export const signatureSchemeOf = lookup("signature scheme", signatureSchemes);
export const cipherSuiteOf = lookup("cipher suite", cipherSuites);
export const versionOf = lookup("version", versions);
export const certificateTypeOf = lookup("certificate type", certificateTypes);

/** The group with this number, undefined where webtls has none. */
export function knownGroup(number: number): Group | undefined {
  return groups.get(number);
}

/** SHA-1, and BoringSSL's own number for MD5 with SHA-1: nothing that webtls ever offers or uses. */
const neverUsed: readonly number[] = [0x0201, 0x0203, 0xff01];

/** A list of schemes to choose from, without those never used where others are in it. */
export function signatureSchemesOf(numbers: readonly number[]): SignatureScheme[] {
  const used = numbers.filter((number) => !neverUsed.includes(number));
  return (used.length > 0 ? used : numbers).map(signatureSchemeOf);
}

function lookup<Name>(what: string, names: ReadonlyMap<number, Name>): (number: number) => Name {
  return (number) => {
    const name = names.get(number);
    if (name === undefined) throw new Unimplemented(`${what} ${number}`);
    return name;
  };
}
