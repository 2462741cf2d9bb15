/**
 * ClientHello (RFC 8446 §4.1.2) and the bodies of the extensions it carries.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { ocspStatus } from "./certificate-status.ts";
import { type ExtensionName, extensionType } from "./extension.ts";
import { emptyRenegotiationInfoScsv, wireVersion } from "./registry.ts";
import { Writer } from "./writer.ts";

/** An extension of the ClientHello. */
export interface OfferedExtension {
  readonly type: number;
  readonly body: Bytes;
}

export interface ClientHello {
  /** 32 bytes. */
  readonly random: Bytes;
  /** Empty; a session's of TLS 1.2; or 32 bytes that are made up (RFC 8446 appendix D.4). */
  readonly sessionId: Bytes;
  readonly cipherSuites: readonly number[];
  /** Whether TLS 1.2 is offered, whose suite list says that renegotiation is secure. */
  readonly offersTls12: boolean;
  readonly extensions: readonly OfferedExtension[];
}

/** The body of the message. */
export function encodeClientHello(hello: ClientHello): Bytes {
  return Writer.build((w) => {
    w.u16(wireVersion.tls12).bytes(hello.random);
    w.vector(1, () => w.bytes(hello.sessionId));
    w.vector(2, () => {
      for (const suite of hello.cipherSuites) w.u16(suite);
      // Instead of an empty renegotiation_info extension (RFC 5746 §3.3).
      if (hello.offersTls12) w.u16(emptyRenegotiationInfoScsv);
    });
    // Compression: null only.
    w.vector(1, () => w.u8(0));
    w.vector(2, () => {
      for (const { type, body } of hello.extensions) w.u16(type).vector(2, () => w.bytes(body));
    });
  });
}

function extension(name: ExtensionName, write: (writer: Writer) => void): OfferedExtension {
  return { type: extensionType[name], body: Writer.build(write) };
}

/** RFC 6066 §3. @param name a DNS name in A-labels, without a trailing dot. */
export function serverNameExtension(name: string): OfferedExtension {
  return extension("server_name", (w) => {
    w.vector(2, () => w.u8(0).vector(2, () => w.bytes(new TextEncoder().encode(name))));
  });
}

/** RFC 8446 §4.2.7. */
export function supportedGroupsExtension(groups: readonly number[]): OfferedExtension {
  return extension("supported_groups", (w) => writeNumbers(w, 2, groups));
}

/** RFC 8422 §5.1.2: uncompressed points, the only form left. */
export function ecPointFormatsExtension(): OfferedExtension {
  return extension("ec_point_formats", (w) => w.vector(1, () => w.u8(0)));
}

/** RFC 8446 §4.2.3. */
export function signatureAlgorithmsExtension(schemes: readonly number[]): OfferedExtension {
  return extension("signature_algorithms", (w) => writeNumbers(w, 2, schemes));
}

/** RFC 6066 §8: by OCSP, with no wishes as to who responds and how. */
export function statusRequestExtension(): OfferedExtension {
  return extension("status_request", (w) => w.u8(ocspStatus).u16(0).u16(0));
}

/** RFC 6962 §3.3.1. */
export function signedCertificateTimestampExtension(): OfferedExtension {
  return extension("signed_certificate_timestamp", () => {});
}

/** RFC 8879 §3. */
export function compressCertificateExtension(algorithms: readonly number[]): OfferedExtension {
  return extension("compress_certificate", (w) => writeNumbers(w, 1, algorithms));
}

/** RFC 7301 §3.1. */
export function alpnExtension(protocols: readonly string[]): OfferedExtension {
  const encoder = new TextEncoder();
  return extension("application_layer_protocol_negotiation", (w) => {
    w.vector(2, () => {
      for (const protocol of protocols) w.vector(1, () => w.bytes(encoder.encode(protocol)));
    });
  });
}

/** RFC 8449 §4. @param limit in bytes. */
export function recordSizeLimitExtension(limit: number): OfferedExtension {
  return extension("record_size_limit", (w) => w.u16(limit));
}

/** RFC 7627 §5.1. */
export function extendedMasterSecretExtension(): OfferedExtension {
  return extension("extended_master_secret", () => {});
}

/** RFC 8446 §4.2.1. */
export function supportedVersionsExtension(versions: readonly number[]): OfferedExtension {
  return extension("supported_versions", (w) => writeNumbers(w, 1, versions));
}

/** A group and the public value of an ephemeral key in it. */
export interface KeyShareEntry {
  readonly group: number;
  readonly keyExchange: Bytes;
}

/** RFC 8446 §4.2.8. */
export function keyShareExtension(entries: readonly KeyShareEntry[]): OfferedExtension {
  return extension("key_share", (w) => {
    w.vector(2, () => {
      for (const { group, keyExchange } of entries) {
        w.u16(group).vector(2, () => w.bytes(keyExchange));
      }
    });
  });
}

/** RFC 8446 §4.2.2. */
export function cookieExtension(cookie: Bytes): OfferedExtension {
  return extension("cookie", (w) => w.vector(2, () => w.bytes(cookie)));
}

/** RFC 8446 §4.2.9: psk_dhe_ke alone, so that a PSK that gets known later opens no recording. */
export function pskKeyExchangeModesExtension(): OfferedExtension {
  return extension("psk_key_exchange_modes", (w) => w.vector(1, () => w.u8(1)));
}

/** RFC 8446 §4.2.10. */
export function earlyDataExtension(): OfferedExtension {
  return extension("early_data", () => {});
}

/** RFC 5077 §3.2. @param ticket empty where the client has none and would like one. */
export function sessionTicketExtension(ticket: Bytes): OfferedExtension {
  return extension("session_ticket", (w) => w.bytes(ticket));
}

/** A PSK as the server knows it (RFC 8446 §4.2.11). */
export interface PskIdentity {
  readonly identity: Bytes;
  /** In milliseconds, with the ticket's ticket_age_add in it; 0 for what is no ticket. */
  readonly obfuscatedAge: number;
}

/** RFC 8446 §4.2.11: the last one of the ClientHello, with a binder for each identity at its end. */
export function preSharedKeyExtension(
  identities: readonly PskIdentity[],
  binders: readonly Bytes[],
): OfferedExtension {
  return extension("pre_shared_key", (w) => {
    w.vector(2, () => {
      for (const { identity, obfuscatedAge } of identities) {
        w.vector(2, () => w.bytes(identity)).u32(obfuscatedAge);
      }
    });
    w.vector(2, () => {
      for (const binder of binders) w.vector(1, () => w.bytes(binder));
    });
  });
}

function writeNumbers(w: Writer, lengthSize: 1 | 2, numbers: readonly number[]): void {
  w.vector(lengthSize, () => {
    for (const number of numbers) w.u16(number);
  });
}
