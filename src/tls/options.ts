/**
 * What a caller may ask of a TLS connection, and the check of it, which is made where TLS is spoken:
 * the page passes its options on.
 *
 * @module
 */

import { checkOneOf, checkOptionNames, invalidOption } from "../errors.ts";
import { checkBoolean } from "./caller-options.ts";
import type { EchOptions } from "./ech-options.ts";
import { checkNames } from "./option-checks.ts";
import type { PskOptions } from "./psk-options.ts";
import type { RecordOptions } from "./record-options.ts";
import {
  type CertificateTypeName,
  certificateTypeNames,
  checkServerAuthenticationOptions,
  isPkcs1,
  type ServerAuthenticationOptions,
  serverAuthenticationOptionNames,
} from "./server-options.ts";

export type { ServerAuthenticationOptions, SignatureSchemeName } from "./server-options.ts";

/** Protocol versions, by Node's names. */
export type ProtocolVersionName = "TLSv1.2" | "TLSv1.3";

/** Every protocol version, in order of preference. */
const protocolVersionNames = ["TLSv1.3", "TLSv1.2"] as const;

/** Every cipher suite, by its IANA name, in order of preference where AES runs on the platform. */
export const cipherSuiteNames = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
] as const;
export type CipherSuiteName = (typeof cipherSuiteNames)[number];

/** Every key exchange group, by its IANA name (P-256 is `secp256r1`), in order of preference. */
export const groupNames = [
  "X25519MLKEM768",
  "x25519",
  "secp256r1",
  "secp384r1",
  "secp521r1",
  "MLKEM1024",
] as const;
export type GroupName = (typeof groupNames)[number];

/** The groups offered by default: all but the one that stands on ML-KEM alone. */
export const defaultGroupNames = groupNames.filter((name) => name !== "MLKEM1024");

/** Whether a group is for TLS 1.3 only, as those with ML-KEM are. */
function isOfTls13(name: GroupName): boolean {
  return name === "X25519MLKEM768" || name === "MLKEM1024";
}

/** Options of one TLS connection. All may be left out; all but functions survive structured clone. */
export interface TlsOptions
  extends RecordOptions,
    ServerAuthenticationOptions,
    PskOptions,
    EchOptions {
  /**
   * Name or address the certificate must be valid for. A name is also sent as SNI (RFC 6066 §3).
   * Default: the hostname of the address connected to.
   */
  servername?: string;
  /**
   * Application protocols to offer, most wanted first (RFC 7301), each 1 to 255 bytes in UTF-8.
   * With any given, a server that picks another one is refused. Default: none offered.
   */
  alpn?: readonly string[];
  /** Lowest version accepted. Default: `"TLSv1.2"`. */
  minVersion?: ProtocolVersionName;
  /** Highest version offered. Default: `"TLSv1.3"`. */
  maxVersion?: ProtocolVersionName;
  /** Cipher suites to offer, most wanted first. Default: all, AES first where it is fast. */
  cipherSuites?: readonly CipherSuiteName[];
  /** Key exchange groups to offer, most wanted first. Default: all but `"MLKEM1024"`. */
  groups?: readonly GroupName[];
  /**
   * Groups of which the first ClientHello brings keys for TLS 1.3, each among `groups`. A server that
   * wants another one has to ask for it, which takes a round trip more; with an empty list each has
   * to. Default: the one that the server chose last time; else the most wanted with ML-KEM and the
   * most wanted without.
   */
  keyShares?: readonly GroupName[];
  /**
   * Refuse a TLS 1.2 server that does not know the extended master secret (RFC 7627 §5.2).
   * Default: false.
   */
  requireExtendedMasterSecret?: boolean;
  /**
   * Offer reserved values beside the real ones, as browsers do, so that servers and middleboxes stay
   * used to what they do not know (RFC 8701). Default: false.
   */
  grease?: boolean;
  /**
   * What the client can show where a server asks who it is, most wanted first (RFC 7250). Default:
   * the types of the identities given; `["X509"]` where a function chooses, or none is given.
   */
  clientCertificateTypes?: readonly CertificateTypeName[];
}

/** How keys are changed. */
export interface UpdateKeysOptions {
  /** Ask the server to change its key too. */
  requestPeer?: boolean;
}

/** The names of those that few connections have: `rare-options.ts` checks them. */
export const rareTlsOptionNames = [
  "maxFragmentSize",
  "recordSizeLimit",
  "recordPadding",
  "psk",
  "pskOnly",
  "earlyData",
  "ech",
  "echOtherwise",
] as const satisfies readonly (keyof TlsOptions)[];

/** The names of all members of {@link TlsOptions}. */
export const tlsOptionNames = [
  "servername",
  "alpn",
  "minVersion",
  "maxVersion",
  "cipherSuites",
  "groups",
  "keyShares",
  "requireExtendedMasterSecret",
  "grease",
  ...serverAuthenticationOptionNames,
  "clientCertificateTypes",
  ...rareTlsOptionNames,
] as const satisfies readonly (keyof TlsOptions)[];

/**
 * The options of TLS among those of a connection, checked before. Lists are copied: the caller may
 * change its own later.
 */
export function tlsOptionsOf(options: TlsOptions): TlsOptions {
  const given = tlsOptionNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, copyOf(options[name])]));
}

function copyOf<Value>(value: Value): Value | unknown[] {
  return Array.isArray(value) ? [...value] : value;
}

/**
 * Checks the options of a connection, but for what `checkRareOptions` is for.
 *
 * @param alsoKnown names of options that belong to the caller and are checked there.
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function checkTlsOptions(options: TlsOptions, alsoKnown: readonly string[] = []): void {
  checkOptionNames(options, [...tlsOptionNames, ...alsoKnown], "a connection");
  const { servername, alpn, minVersion, maxVersion, cipherSuites, groups } = options;
  if (servername !== undefined && (typeof servername !== "string" || servername === "")) {
    throw invalidOption("servername", "a DNS name or an IP address");
  }
  if (alpn !== undefined) {
    if (!Array.isArray(alpn)) throw invalidOption("alpn", "a list of protocol names");
    for (const protocol of alpn) {
      const length = typeof protocol === "string" ? new TextEncoder().encode(protocol).length : 0;
      if (length < 1 || length > 255)
        throw invalidOption("alpn", "names of 1 to 255 bytes (RFC 7301)");
    }
  }
  for (const [option, version] of Object.entries({ minVersion, maxVersion })) {
    checkOneOf(option, version, protocolVersionNames);
  }
  if (minVersion === "TLSv1.3" && maxVersion === "TLSv1.2") {
    throw invalidOption("minVersion", "a version not above maxVersion");
  }
  checkNames("cipherSuites", cipherSuites, cipherSuiteNames);
  if (cipherSuites !== undefined) {
    const versions = new Set(cipherSuites.map(versionOfSuite));
    if (!protocolVersionNames.some((v) => versions.has(v) && inRange(v, minVersion, maxVersion))) {
      throw invalidOption("cipherSuites", "a suite of a version between minVersion and maxVersion");
    }
  }
  checkNames("groups", groups, groupNames);
  if (groups?.every(isOfTls13) && !allowsTls13(options)) {
    throw invalidOption("groups", "a group for TLS 1.2, which has none with ML-KEM");
  }
  const { keyShares } = options;
  checkNames("keyShares", keyShares, groups ?? defaultGroupNames, { mayBeEmpty: true });
  checkNames("clientCertificateTypes", options.clientCertificateTypes, certificateTypeNames);
  for (const option of ["requireExtendedMasterSecret", "grease"] as const) {
    checkBoolean(option, options[option]);
  }
  checkServerAuthenticationOptions(options);
  if (minVersion === "TLSv1.3" && options.signatureSchemes?.every(isPkcs1)) {
    throw invalidOption("signatureSchemes", "a scheme for TLS 1.3, where PKCS#1 does not sign");
  }
}

/** The version a suite belongs to: TLS 1.3 suites name no key exchange. */
export function versionOfSuite(suite: CipherSuiteName): ProtocolVersionName {
  return suite.includes("_WITH_") ? "TLSv1.2" : "TLSv1.3";
}

/** Whether TLS 1.3 may be offered. */
export function allowsTls13({
  minVersion,
  maxVersion,
  cipherSuites = cipherSuiteNames,
}: TlsOptions) {
  const isAllowed = inRange("TLSv1.3", minVersion, maxVersion);
  return isAllowed && cipherSuites.some((suite) => versionOfSuite(suite) === "TLSv1.3");
}

/** Whether a version lies between the two given, both included. */
export function inRange(
  version: ProtocolVersionName,
  min: ProtocolVersionName = "TLSv1.2",
  max: ProtocolVersionName = "TLSv1.3",
): boolean {
  return version >= min && version <= max;
}
