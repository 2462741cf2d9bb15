/**
 * Extensions: their numbers, and where the server may put them (RFC 8446 §4.2, RFC 5246 §7.4.1.4).
 * The checks for duplicate, unsolicited and misplaced extensions stand here and nowhere else.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError, type TlsErrorCode } from "../../errors.ts";
import type { Reader } from "./reader.ts";
import { hex } from "./registry.ts";

/** ExtensionType (RFC 8446 §4.2 and the RFCs named there). */
export const extensionType = {
  server_name: 0,
  status_request: 5,
  supported_groups: 10,
  ec_point_formats: 11,
  signature_algorithms: 13,
  application_layer_protocol_negotiation: 16,
  signed_certificate_timestamp: 18,
  client_certificate_type: 19,
  server_certificate_type: 20,
  extended_master_secret: 23,
  compress_certificate: 27,
  record_size_limit: 28,
  session_ticket: 35,
  pre_shared_key: 41,
  early_data: 42,
  supported_versions: 43,
  cookie: 44,
  psk_key_exchange_modes: 45,
  certificate_authorities: 47,
  oid_filters: 48,
  signature_algorithms_cert: 50,
  key_share: 51,
  encrypted_client_hello: 0xfe0d,
  renegotiation_info: 0xff01,
} as const;
export type ExtensionName = keyof typeof extensionType;

/** A message of the server that carries answers to the ClientHello's extensions. */
export type AnsweringMessage =
  | "ServerHello of TLS 1.2"
  | "ServerHello"
  | "HelloRetryRequest"
  | "EncryptedExtensions"
  | "Certificate";

/** A message of the server whose extensions are its own, so that new ones may be among them. */
export type OfferingMessage = "CertificateRequest" | "NewSessionTicket";

/**
 * Which extension may stand where (RFC 8446 §4.2, the table; RFC 8422 §5.2; RFC 7627 §5.1;
 * RFC 8449 §4).
 */
const places: Readonly<Record<AnsweringMessage | OfferingMessage, ReadonlySet<number>>> = {
  "ServerHello of TLS 1.2": new Set([
    // TLS 1.2 has no answer to it: as BoringSSL, one is taken as never asked for, not as misplaced.
    extensionType.encrypted_client_hello,
    extensionType.server_name,
    extensionType.status_request,
    // It does not belong here, but BIG-IP sends it; BoringSSL and rustls let it pass unread.
    extensionType.supported_groups,
    extensionType.ec_point_formats,
    extensionType.application_layer_protocol_negotiation,
    extensionType.signed_certificate_timestamp,
    extensionType.client_certificate_type,
    extensionType.server_certificate_type,
    extensionType.extended_master_secret,
    extensionType.record_size_limit,
    extensionType.session_ticket,
    extensionType.renegotiation_info,
  ]),
  ServerHello: new Set([
    extensionType.key_share,
    extensionType.pre_shared_key,
    extensionType.supported_versions,
  ]),
  HelloRetryRequest: new Set([
    extensionType.encrypted_client_hello,
    extensionType.key_share,
    extensionType.cookie,
    extensionType.supported_versions,
  ]),
  EncryptedExtensions: new Set([
    extensionType.encrypted_client_hello,
    extensionType.server_name,
    extensionType.supported_groups,
    extensionType.application_layer_protocol_negotiation,
    extensionType.record_size_limit,
    extensionType.client_certificate_type,
    extensionType.server_certificate_type,
    extensionType.early_data,
  ]),
  Certificate: new Set([extensionType.status_request, extensionType.signed_certificate_timestamp]),
  CertificateRequest: new Set([
    extensionType.status_request,
    extensionType.signature_algorithms,
    extensionType.signed_certificate_timestamp,
    extensionType.compress_certificate,
    extensionType.certificate_authorities,
    extensionType.oid_filters,
    extensionType.signature_algorithms_cert,
  ]),
  NewSessionTicket: new Set([extensionType.early_data]),
};

const recognised = new Map<number, string>(
  Object.entries(extensionType).map(([name, number]) => [number, name]),
);

/** Extensions by number, each with its body. */
export type Extensions = ReadonlyMap<number, Bytes>;

/**
 * Reads a list of extensions; the places are checked by {@link checkAnswers} once the version is
 * known.
 *
 * @param onDuplicate the code for one that stands there twice. RFC 8446 §4.2 forbids it and names no
 * alert: BoringSSL takes it for a list that can't be read; in a ticket and in a HelloRetryRequest, for
 * a forbidden one.
 * @throws TlsError with that code.
 */
export function readExtensions(
  reader: Reader,
  onDuplicate: TlsErrorCode = "handshake/decode-error",
): Extensions {
  const extensions = new Map<number, Bytes>();
  for (const [type, body] of reader.list(2, 0, (r) => [r.u16(), r.vector(2)] as const)) {
    if (extensions.has(type)) {
      throw new TlsError(
        onDuplicate,
        `The server sent the extension ${name(type)} twice (RFC 8446 §4.2).`,
      );
    }
    extensions.set(type, body);
  }
  return extensions;
}

/**
 * Checks that every extension answers one that was offered, in a message it belongs to.
 *
 * @throws TlsError `handshake/illegal-parameter` for one in the wrong message,
 * `handshake/unsupported-extension` for one that was not offered (RFC 8446 §4.2).
 */
export function checkAnswers(
  extensions: Extensions,
  where: AnsweringMessage,
  offered: ReadonlySet<number>,
): void {
  checkPlaces(extensions, where);
  for (const type of extensions.keys()) {
    // The cookie is the one extension a server brings up by itself (RFC 8446 §4.2.2).
    if (!offered.has(type) && type !== extensionType.cookie) {
      throw new TlsError(
        "handshake/unsupported-extension",
        `The server answered the extension ${name(type)}, which was not offered.`,
      );
    }
  }
}

/**
 * Checks that no extension stands in a message it does not belong to; unknown ones are ignored.
 *
 * @throws TlsError `handshake/illegal-parameter` (RFC 8446 §4.2); in EncryptedExtensions
 * `handshake/unsupported-extension`, as what stands there can only be an answer that nobody asked for.
 */
export function checkPlaces(
  extensions: Extensions,
  where: AnsweringMessage | OfferingMessage,
): void {
  for (const type of extensions.keys()) {
    if (recognised.has(type) && !places[where].has(type)) {
      throw new TlsError(
        where === "EncryptedExtensions"
          ? "handshake/unsupported-extension"
          : "handshake/illegal-parameter",
        `The server sent the extension ${name(type)} in its ${where}.`,
      );
    }
  }
}

function name(type: number): string {
  return recognised.get(type) ?? hex(type);
}
