/**
 * What the flags expect of a connection.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { type ConnectionInfo, TlsError } from "../../../src/stream/duplex.ts";
import type { Credentials } from "./credentials.ts";
import type { ConnectionFlags } from "./flags.ts";
import { addressWithoutName } from "./options.ts";
import {
  certificateTypeOf,
  cipherSuiteOf,
  groupOf,
  signatureSchemeOf,
  versionOf,
} from "./registry.ts";
import type { Sessions } from "./sessions.ts";
import { digestOf, type Verifier } from "./verifier.ts";

/** Something is not as the flags expect it. */
export class Unexpected extends Error {}

export interface Circumstances {
  readonly index: number;
  readonly flags: ConnectionFlags;
  readonly afterRejection: ConnectionFlags;
  readonly credentials: Credentials;
  readonly verifier: Verifier;
}

/** @throws Unexpected */
export function checkInfo(info: ConnectionInfo, circumstances: Circumstances): void {
  const { index, flags, afterRejection } = circumstances;
  checkNegotiated(info, afterRejection);
  checkPresented(info, afterRejection);
  const isResumed = info.handshake.startsWith("resumed");
  check("resumption", isResumed, index > 0 && !afterRejection.has("expect-session-miss"));
  checkRetry(info, afterRejection);
  checkEarlyData(info, flags);
  checkReason(info, afterRejection.text("expect-early-data-reason"));
  checkCredential(info, circumstances);
}

function checkNegotiated(info: ConnectionInfo, flags: ConnectionFlags): void {
  const { version, cipherSuite, group, signatureScheme, extendedMasterSecret } = info;
  checkNumber("version", version, flags.number("expect-version"), versionOf);
  checkNumber("cipher suite", cipherSuite, flags.number("expect-cipher"), cipherSuiteOf);
  checkNumber("cipher suite", cipherSuite, flags.number("expect-cipher-aes"), cipherSuiteOf);
  checkNumber("group", group, flags.number("expect-curve-id"), groupOf);
  const scheme = flags.number("expect-peer-signature-algorithm");
  checkNumber("signature scheme", signatureScheme, scheme || undefined, signatureSchemeOf);
  check("application protocol", info.alpn ?? "", flags.text("expect-alpn") ?? "");
  check("ECH accepted", info.ech === "accepted", flags.has("expect-ech-accept"));
  if (flags.has("expect-extended-master-secret")) {
    check("extended master secret", extendedMasterSecret, true);
  }
}

function checkPresented(info: ConnectionInfo, flags: ConnectionFlags): void {
  checkBytes("OCSP response", info.ocspResponse, flags.bytes("expect-ocsp-response"));
  const timestamps = flags.bytes("expect-signed-cert-timestamps");
  checkBytes("SCT list", listOf(info.signedCertificateTimestamps), timestamps);
  const type = flags.number("expect-peer-certificate-type");
  checkNumber("certificate type", info.certificateType, type, certificateTypeOf);
  if (flags.has("expect-no-peer-cert")) check("certificates", info.certificates.length, 0);
  const file = flags.text("expect-peer-cert-file");
  if (file !== undefined) {
    const chain = info.certificates.map(pemOf).join("");
    check("certificates", chain, readFileSync(file, "utf8").replace(/\s/g, ""));
  }
  const digest = digestOf(info.certificates[0]);
  checkBytes("raw public key", digest, flags.bytes("expect-peer-rpk-sha256"));
}

function checkRetry({ handshake }: ConnectionInfo, flags: ConnectionFlags): void {
  const isRetried = handshake.endsWith("hello-retry-request");
  if (flags.has("expect-hrr")) check("hello retry request", isRetried, true);
  if (flags.has("expect-no-hrr")) check("hello retry request", isRetried, false);
}

function checkEarlyData({ earlyData }: ConnectionInfo, flags: ConnectionFlags): void {
  if (flags.has("expect-accept-early-data")) check("early data", earlyData, "accepted");
  if (flags.has("expect-reject-early-data")) check("early data", earlyData, "rejected");
  if (flags.has("expect-no-offer-early-data")) {
    check("early data", earlyData ?? "not-offered", "not-offered");
  }
}

/** What became of the early data where the runner's reason for it holds. */
const earlyDataByReason: Readonly<Record<string, readonly ConnectionInfo["earlyData"][]>> = {
  accept: ["accepted"],
  disabled: [undefined],
  no_session_offered: [undefined, "not-offered"],
  unsupported_for_session: ["not-offered"],
  protocol_version: [undefined, "not-offered", "rejected"],
  alpn_mismatch: ["not-offered", "rejected"],
  peer_declined: ["rejected"],
  session_not_resumed: ["rejected"],
  hello_retry_request: ["rejected"],
};

function checkReason({ earlyData }: ConnectionInfo, reason: string | undefined): void {
  if (reason === undefined) return;
  if (earlyDataByReason[reason]?.includes(earlyData)) return;
  throw new Unexpected(`early data is ${earlyData}, which is not for the reason ${reason}`);
}

function checkCredential(
  { pskIdentity }: ConnectionInfo,
  { afterRejection: flags, credentials }: Circumstances,
): void {
  const expected = flags.number("expect-selected-credential");
  if (expected === undefined) return;
  const psk = flags.credentials.findIndex(
    (credential) =>
      pskIdentity !== undefined &&
      Buffer.compare(credential.bytes("psk-importer-identity") ?? Buffer.of(), pskIdentity) === 0,
  );
  check("credential", credentials.signed ?? psk, expected);
}

/** Whether as many sessions were made as should be. @throws Unexpected */
export function checkSessions(
  sessions: Sessions,
  { version, handshake }: ConnectionInfo,
  flags: ConnectionFlags,
): void {
  if (flags.has("expect-no-session")) check("new session", sessions.made > 0, false);
  else if (version === "TLSv1.3" && !flags.has("shim-shuts-down")) {
    check("new session", sessions.made > 0, true);
  } else if (version === "TLSv1.2" && !handshake.startsWith("resumed")) {
    check("new session", sessions.made > 0, true);
  }
}

/** That the handshake failed because ECH was rejected, in the way expected. @throws Unexpected */
export function checkEchRejection(
  error: unknown,
  flags: ConnectionFlags,
  { servername }: Verifier,
): void {
  const name = flags.text("expect-ech-name-override");
  if (name !== undefined) check("name verified", servername, name);
  if (flags.has("expect-no-ech-name-override")) {
    check("name verified", servername, flags.text("host-name") ?? addressWithoutName);
  }
  const configs = flags.bytes("expect-ech-retry-configs");
  if (configs === undefined && !flags.has("expect-no-ech-retry-configs")) return;
  if (!(error instanceof TlsError)) throw error;
  check("code", error.code, "handshake/ech-rejected");
  checkBytes("retry configurations", error.echRetryConfigs, configs ?? new Uint8Array());
}

function checkNumber<Name>(
  what: string,
  actual: Name | undefined,
  expected: number | undefined,
  nameOf: (number: number) => Name,
): void {
  if (expected !== undefined) check(what, actual, nameOf(expected));
}

function checkBytes(
  what: string,
  actual: Uint8Array | undefined,
  expected: Uint8Array | undefined,
): void {
  if (expected !== undefined) check(what, toHex(actual ?? new Uint8Array()), toHex(expected));
}

function check<Value>(what: string, actual: Value, expected: Value): void {
  if (actual !== expected) throw new Unexpected(`${what}: ${actual}, but expected ${expected}`);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A SignedCertificateTimestampList (RFC 6962 §3.3). */
function listOf(timestamps: readonly Uint8Array[] | undefined): Uint8Array {
  const entries = (timestamps ?? []).map((timestamp) => behindLength(timestamp));
  return behindLength(Buffer.concat(entries));
}

function behindLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A certificate in PEM, without white space. */
function pemOf(certificate: Uint8Array): string {
  const base64 = Buffer.from(certificate).toString("base64");
  return `-----BEGINCERTIFICATE-----${base64}-----ENDCERTIFICATE-----`;
}
