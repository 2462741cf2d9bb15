/**
 * The messages of a server, written as they are asked for: nothing is checked here, so that a test
 * can send what no server should.
 *
 * @module
 */

import type { Bytes } from "../../src/crypto/bytes.ts";
import { certificateType } from "../../src/tls/messages/certificate-type.ts";
import { type ExtensionName, extensionType } from "../../src/tls/messages/extension.ts";
import { Writer } from "../../src/tls/messages/writer.ts";
import type { CertificateTypeName } from "../../src/tls/server-options.ts";

/** An extension as it stands on the wire. */
export interface Extension {
  readonly type: number;
  readonly body: Bytes;
}

/** An extension by name, or by number where it has none. */
export function extension(
  type: ExtensionName | number,
  write: (writer: Writer) => void = () => {},
): Extension {
  const number = typeof type === "number" ? type : extensionType[type];
  return { type: number, body: Writer.build(write) };
}

/** The list with one extension in place of another of its type, or at its end. */
export function withExtension(list: readonly Extension[], added: Extension): Extension[] {
  return [...list.filter(({ type }) => type !== added.type), added];
}

/** The list without an extension. */
export function withoutExtension(list: readonly Extension[], name: ExtensionName): Extension[] {
  return list.filter(({ type }) => type !== extensionType[name]);
}

/** The extension that says which protocol was picked (RFC 7301 §3.1). */
export function alpnAnswer(...protocols: readonly string[]): Extension {
  return extension("application_layer_protocol_negotiation", (w) =>
    w.vector(2, () => {
      for (const protocol of protocols)
        w.vector(1, () => w.bytes(new TextEncoder().encode(protocol)));
    }),
  );
}

/** CertificateStatus (RFC 6066 §8): a message of TLS 1.2, the body of an extension in TLS 1.3. */
export function encodeCertificateStatus(response: Uint8Array, type = 1): Bytes {
  return Writer.build((w) => w.u8(type).vector(3, () => w.bytes(response)));
}

/** CompressedCertificate (RFC 8879 §4). @param length that is said to be the result's. */
export function encodeCompressedCertificate(
  algorithm: number,
  length: number,
  compressed: Uint8Array,
): Bytes {
  return Writer.build((w) => {
    w.u16(algorithm)
      .u8(length >> 16)
      .u16(length & 0xffff);
    w.vector(3, () => w.bytes(compressed));
  });
}

/** SignedCertificateTimestampList (RFC 6962 §3.3). */
export function encodeTimestamps(timestamps: readonly Uint8Array[]): Bytes {
  return Writer.build((w) => {
    w.vector(2, () => {
      for (const timestamp of timestamps) w.vector(2, () => w.bytes(timestamp));
    });
  });
}

/** key_share of a ServerHello (RFC 8446 §4.2.8). */
export function keyShareAnswer(group: number, keyExchange: Uint8Array): Extension {
  return extension("key_share", (w) => w.u16(group).vector(2, () => w.bytes(keyExchange)));
}

/** pre_shared_key of a ServerHello (RFC 8446 §4.2.11). */
export function pskAnswer(index: number): Extension {
  return extension("pre_shared_key", (w) => w.u16(index));
}

/** supported_versions of a ServerHello (RFC 8446 §4.2.1). */
export function versionAnswer(version: number): Extension {
  return extension("supported_versions", (w) => w.u16(version));
}

export function encodeExtensions(list: readonly Extension[]): Bytes {
  return Writer.build((w) => writeExtensions(w, list));
}

function writeExtensions(w: Writer, list: readonly Extension[]): void {
  w.vector(2, () => {
    for (const { type, body } of list) w.u16(type).vector(2, () => w.bytes(body));
  });
}

/** ServerHello and HelloRetryRequest (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3). */
export interface ServerHelloFields {
  readonly legacyVersion: number;
  readonly random: Bytes;
  readonly sessionId: Bytes;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly Extension[];
}

export function encodeServerHello(fields: ServerHelloFields): Bytes {
  return Writer.build((w) => {
    w.u16(fields.legacyVersion).bytes(fields.random);
    w.vector(1, () => w.bytes(fields.sessionId));
    w.u16(fields.cipherSuite).u8(fields.compressionMethod);
    writeExtensions(w, fields.extensions);
  });
}

/** Certificate (RFC 8446 §4.4.2); TLS 1.2 has neither context nor extensions (RFC 5246 §7.4.2). */
export interface CertificateFields {
  readonly context: Bytes;
  readonly entries: readonly CertificateEntry[];
}

export interface CertificateEntry {
  readonly certificate: Uint8Array;
  readonly extensions: readonly Extension[];
}

export function encodeCertificate13({ context, entries }: CertificateFields): Bytes {
  return Writer.build((w) => {
    w.vector(1, () => w.bytes(context));
    w.vector(3, () => {
      for (const { certificate, extensions } of entries) {
        w.vector(3, () => w.bytes(certificate));
        writeExtensions(w, extensions);
      }
    });
  });
}

export function encodeCertificate12({ entries }: CertificateFields): Bytes {
  return Writer.build((w) =>
    w.vector(3, () => {
      for (const { certificate } of entries) w.vector(3, () => w.bytes(certificate));
    }),
  );
}

/** RFC 8446 §4.3.2. */
export function encodeCertificateRequest13(context: Bytes, list: readonly Extension[]): Bytes {
  return Writer.build((w) => {
    w.vector(1, () => w.bytes(context));
    writeExtensions(w, list);
  });
}

/** RFC 5246 §7.4.4. */
export interface CertificateRequest12Fields {
  readonly keyTypes: readonly number[];
  readonly schemes: readonly number[];
  readonly authorities: readonly Uint8Array[];
}

export function encodeCertificateRequest12(fields: CertificateRequest12Fields): Bytes {
  return Writer.build((w) => {
    w.vector(1, () => {
      for (const type of fields.keyTypes) w.u8(type);
    });
    w.vector(2, () => {
      for (const scheme of fields.schemes) w.u16(scheme);
    });
    w.vector(2, () => {
      for (const name of fields.authorities) w.vector(2, () => w.bytes(name));
    });
  });
}

/** client_certificate_type of a ServerHello or EncryptedExtensions (RFC 7250 §4.2). */
export function clientCertificateTypeAnswer(type: CertificateTypeName | undefined): Extension[] {
  if (type === undefined) return [];
  return [extension("client_certificate_type", (w) => w.u8(certificateType[type]))];
}

/** A signature with the number of its scheme (RFC 8446 §4.4.3). */
export interface SignatureFields {
  readonly scheme: number;
  readonly signature: Bytes;
}

export function encodeSignature({ scheme, signature }: SignatureFields): Bytes {
  return Writer.build((w) => w.u16(scheme).vector(2, () => w.bytes(signature)));
}

/** ServerECDHParams (RFC 8422 §5.4). */
export interface ServerParams {
  /** 3 for a named curve. */
  readonly curveType: number;
  readonly group: number;
  readonly publicKey: Uint8Array;
}

export function encodeServerParams({ curveType, group, publicKey }: ServerParams): Bytes {
  return Writer.build((w) => {
    w.u8(curveType)
      .u16(group)
      .vector(1, () => w.bytes(publicKey));
  });
}

/** A ticket of TLS 1.3 (RFC 8446 §4.6.1): for two hours, without extensions. */
export function encodeTicket(ticket: Uint8Array): Bytes {
  return Writer.build((w) => {
    w.u16(0).u16(7200).u16(0).u16(0);
    w.vector(1, () => w.u8(0));
    w.vector(2, () => w.bytes(ticket));
    w.vector(2, () => {});
  });
}

/** A ticket of TLS 1.2 (RFC 5077 §3.3). @param lifetime in seconds. */
export function encodeTicket12({
  lifetime,
  ticket,
}: {
  readonly lifetime: number;
  readonly ticket: Uint8Array;
}): Bytes {
  return Writer.build((w) => w.u32(lifetime).vector(2, () => w.bytes(ticket)));
}
