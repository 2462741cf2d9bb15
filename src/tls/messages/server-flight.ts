/**
 * What follows the ServerHello in either version, but for certificates: EncryptedExtensions, its
 * answers, ServerKeyExchange, Finished and KeyUpdate.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { type Extensions, readExtensions } from "./extension.ts";
import { Reader } from "./reader.ts";
import { hex } from "./registry.ts";

/** RFC 8446 §4.3.1. */
export function decodeEncryptedExtensions(body: Bytes): Extensions {
  return Reader.parse(body, "EncryptedExtensions", readExtensions);
}

/** The one protocol a server picks, in bytes (RFC 7301 §3.1). */
export function decodeAlpn(body: Bytes): Bytes {
  const protocols = Reader.parse(body, "application_layer_protocol_negotiation", (r) =>
    r.list(2, 2, (inner) => inner.vector(1, 1)),
  );
  const [protocol] = protocols;
  if (protocol === undefined || protocols.length > 1) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server picked ${protocols.length} application protocols instead of one (RFC 7301 §3.1).`,
    );
  }
  return protocol;
}

/** server_name and extended_master_secret answers are empty (RFC 6066 §3, RFC 7627 §5.1). */
export function checkEmpty(body: Bytes, what: string): void {
  Reader.parse(body, what, () => {});
}

/** The longest record that the server reads, in bytes (RFC 8449 §4). */
export function decodeRecordSizeLimit(body: Bytes): number {
  return Reader.parse(body, "record_size_limit", (r) => r.u16());
}

/** RFC 8446 §4.2.7: a hint for later connections. It is read to be checked, not used. */
export function checkSupportedGroups(body: Bytes): void {
  Reader.parse(body, "supported_groups", (r) => r.list(2, 2, (inner) => inner.u16()));
}

/**
 * RFC 8422 §5.2: a server that sends the list has to have uncompressed points in it.
 *
 * @throws TlsError `handshake/illegal-parameter`
 */
export function checkPointFormats(body: Bytes): void {
  const formats = Reader.parse(body, "ec_point_formats", (r) =>
    r.list(1, 1, (inner) => inner.u8()),
  );
  if (!formats.includes(0)) {
    throw new TlsError(
      "handshake/illegal-parameter",
      "The server takes no uncompressed points (RFC 8422 §5.1.2).",
    );
  }
}

/** The Finished messages before are none in a first handshake (RFC 5746 §3.4). */
export function checkRenegotiationInfo(body: Bytes): void {
  const connection = Reader.parse(body, "renegotiation_info", (r) => r.vector(1));
  if (connection.length === 0) return;
  throw new TlsError(
    "handshake/bad-renegotiation-info",
    "The server takes this first handshake for a renegotiation (RFC 5746 §3.4).",
  );
}

/** The ephemeral key of a TLS 1.2 server, and its signature. */
export interface ServerKeyExchange {
  readonly group: number;
  readonly publicKey: Bytes;
  /** ServerECDHParams as they stand on the wire: what is signed. */
  readonly params: Bytes;
  readonly scheme: number;
  readonly signature: Bytes;
}

/** RFC 8422 §5.4; only named curves are left. */
export function decodeServerKeyExchange(body: Bytes): ServerKeyExchange {
  return Reader.parse(body, "ServerKeyExchange", (r) => {
    const curveType = r.u8();
    if (curveType !== 3) {
      throw new TlsError(
        "handshake/illegal-parameter",
        `The server's curve is of type ${hex(curveType, 1)}, not a named one (RFC 8422 §5.4).`,
      );
    }
    const group = r.u16();
    const publicKey = r.vector(1, 1);
    const params = body.subarray(0, 4 + publicKey.length);
    return { group, publicKey, params, scheme: r.u16(), signature: r.vector(2) };
  });
}

/** Whether a KeyUpdate asks for one in return (RFC 8446 §4.6.3). */
export function decodeKeyUpdate(body: Bytes): boolean {
  const request = Reader.parse(body, "KeyUpdate", (r) => r.u8());
  if (request > 1) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server's KeyUpdate asks for ${hex(request, 1)}, which is neither yes nor no.`,
    );
  }
  return request === 1;
}
