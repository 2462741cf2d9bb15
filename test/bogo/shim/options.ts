/**
 * The flags of a connection as options of `connectTls`.
 *
 * @module
 */

import type { ConnectTlsOptions } from "../../../src/stream/duplex.ts";
import { runnerDecompressors } from "./compression.ts";
import type { Credentials } from "./credentials.ts";
import { type ConnectionFlags, Unimplemented } from "./flags.ts";
import { policyOptions } from "./policies.ts";
import {
  certificateTypeOf,
  groupOf,
  knownGroup,
  signatureSchemesOf,
  versionOf,
} from "./registry.ts";

/** An address has no name to send (RFC 6066 §3). */
export const addressWithoutName = "127.0.0.1";

/** What the shim writes first, unless told otherwise. */
const initialWrite = "hello";

export function tlsOptions(flags: ConnectionFlags, credentials: Credentials): ConnectTlsOptions {
  const schemes = schemesOf(flags);
  const serverCertificateTypes = flags.numbers("accepted-peer-cert-types")?.map(certificateTypeOf);
  const clientCertificateTypes = flags
    .numbers("available-client-cert-types")
    ?.map(certificateTypeOf);
  const alpn = flags.text("advertise-alpn");
  const maxFragmentSize = flags.number("max-send-fragment") ?? writeSizeOf(flags);
  return {
    hostname: flags.text("host-name") ?? addressWithoutName,
    ...versions(flags),
    ...policyOptions(flags),
    ...cipherSuites(flags),
    ...groupsOf(flags),
    ...schemes,
    ...(serverCertificateTypes && { serverCertificateTypes }),
    ...(clientCertificateTypes && { clientCertificateTypes }),
    ...(alpn && { alpn: protocolsOf(alpn) }),
    ...(maxFragmentSize && { maxFragmentSize }),
    ...ech(flags),
    ...(flags.has("enable-grease") && { grease: true }),
    ocspStapling: flags.has("enable-ocsp-stapling"),
    ...(flags.has("enable-signed-cert-timestamps") && { signedCertificateTimestamps: true }),
    ...(flags.has("install-cert-compression-algs") && {
      certificateDecompressors: runnerDecompressors,
    }),
    ...identity(flags, credentials),
    ...psk(flags, credentials),
  };
}

/** Without a usable configuration, BoringSSL does without ECH unless it is told otherwise. */
function ech(flags: ConnectionFlags): Pick<ConnectTlsOptions, "ech" | "echOtherwise"> {
  const list = flags.bytes("ech-config-list");
  const isGreased = flags.has("enable-ech-grease");
  if (flags.has("reject-unusable-ech-config")) {
    return { ech: list ?? (() => undefined), echOtherwise: "fail" };
  }
  if (list !== undefined) return { ech: list, echOtherwise: isGreased ? "grease" : "none" };
  return isGreased ? { ech: "grease" } : {};
}

/**
 * What is written first goes ahead as early data where the flags want that. It is of any protocol.
 *
 * @param agreed the protocol of the connection before.
 */
export function earlyDataOf(
  flags: ConnectionFlags,
  agreed: string | undefined,
): Pick<ConnectTlsOptions, "earlyData"> {
  if (!flags.has("enable-early-data")) return {};
  // Whoever expects the rejection writes anew, by other flags.
  const otherwise = flags.has("expect-reject-early-data") ? "drop" : "send";
  const offered = protocolsOf(flags.text("advertise-alpn") ?? "");
  const alpn = offered.find((protocol) => protocol === agreed) ?? offered[0];
  const data = initialWriteOf(flags);
  return { earlyData: { data, otherwise, ...(alpn && { alpn }) } };
}

/** What the shim writes before it reads; empty where it does not. */
export function initialWriteOf(flags: ConnectionFlags): Uint8Array<ArrayBuffer> {
  // Early data that the runner reads late goes out at once all the same: it can't tell.
  const isWanted =
    flags.has("shim-writes-first") ||
    flags.has("read-with-unfinished-write") ||
    flags.has("early-write-after-message");
  const text = flags.text("shim-initial-write") ?? initialWrite;
  const times = flags.number("repeat-shim-initial-write") ?? 1;
  return new Uint8Array(Buffer.from(isWanted ? text.repeat(times) : "", "latin1"));
}

/** What is written many times over comes in as many records, which here it does by their size. */
function writeSizeOf(flags: ConnectionFlags): number | undefined {
  const isRepeated = flags.number("repeat-shim-initial-write") !== undefined;
  return isRepeated ? flags.text("shim-initial-write")?.length : undefined;
}

function versions(flags: ConnectionFlags): Pick<ConnectTlsOptions, "minVersion" | "maxVersion"> {
  const min = Math.max(flags.number("min-version") ?? 0, flags.has("no-tls12") ? 0x0304 : 0x0303);
  const max = Math.min(
    flags.number("max-version") ?? 0x0304,
    flags.has("no-tls13") ? 0x0303 : 0x0304,
  );
  if (max < min) throw new Unimplemented("only versions below TLS 1.2");
  return { minVersion: versionOf(min), maxVersion: versionOf(max) };
}

/** Lists in OpenSSL's language, of which the shim understands this one. */
function cipherSuites(flags: ConnectionFlags): Pick<ConnectTlsOptions, "cipherSuites"> {
  const list = flags.text("cipher");
  if (list === undefined) return {};
  if (list !== "DEFAULT:!AES") throw new Unimplemented(`the cipher suites ${list}`);
  // It says nothing about TLS 1.3.
  return {
    cipherSuites: [
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ],
  };
}

function groupsOf(flags: ConnectionFlags): Pick<ConnectTlsOptions, "groups" | "keyShares"> {
  const groups = flags.numbers("curves")?.map(groupOf);
  const given = flags.has("no-key-shares") ? [] : flags.numbers("key-shares")?.map(groupOf);
  // What a server is known to have, e.g. by DNS, goes before.
  const hints = (flags.numbers("server-supported-groups-hint") ?? []).map(knownGroup);
  const hinted = groups?.find((group) => hints.includes(group));
  const keyShares = hinted === undefined ? given : [hinted];
  return { ...(groups && { groups }), ...(keyShares && { keyShares }) };
}

/** PKCS#1 does not sign in TLS 1.3: another scheme at the end keeps that version on offer. */
function schemesOf(flags: ConnectionFlags): Pick<ConnectTlsOptions, "signatureSchemes"> {
  const schemes = signatureSchemesOf(flags.numbers("verify-prefs") ?? []);
  if (schemes.length === 0) return {};
  const isPkcs1Only = schemes.every((scheme) => scheme.startsWith("rsa_pkcs1_"));
  return { signatureSchemes: isPkcs1Only ? [...schemes, "rsa_pss_pss_sha512"] : schemes };
}

/** Names of protocols, each behind its length. */
function protocolsOf(list: string): string[] {
  const protocols: string[] = [];
  for (let rest = list; rest.length > 0; ) {
    const end = 1 + rest.charCodeAt(0);
    protocols.push(rest.slice(1, end));
    rest = rest.slice(end);
  }
  return protocols;
}

function identity(
  flags: ConnectionFlags,
  { identities, choose }: Credentials,
): Pick<ConnectTlsOptions, "identity"> {
  if (flags.has("fail-cert-callback")) {
    return {
      identity: () => {
        throw new Error("the flags want no identity to be chosen");
      },
    };
  }
  if (identities.length === 0) return {};
  return { identity: flags.has("use-old-client-cert-callback") ? choose : identities };
}

/** A server without a key is only taken where the flags want certificates verified. */
function psk(
  flags: ConnectionFlags,
  { psks }: Credentials,
): Pick<ConnectTlsOptions, "psk" | "pskOnly"> {
  return psks.length === 0 ? {} : { psk: psks, pskOnly: !flags.has("verify-peer") };
}
