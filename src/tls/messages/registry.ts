/**
 * Numbers of the protocol that belong to no table of their own. Unknown ones survive: they are
 * plain numbers, and {@link hex} prints them.
 *
 * @module
 */

/** ContentType (RFC 8446 §5.1). */
export const contentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** ProtocolVersion as it stands on the wire (RFC 8446 §4.2.1). */
export const wireVersion = {
  tls10: 0x0301,
  tls11: 0x0302,
  tls12: 0x0303,
  tls13: 0x0304,
} as const;

/** HandshakeType (RFC 8446 §4, RFC 5246 §7.4, RFC 6066 §8, RFC 8879 §7.2). */
export const handshakeType = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  new_session_ticket: 4,
  end_of_early_data: 5,
  encrypted_extensions: 8,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
  certificate_url: 21,
  certificate_status: 22,
  key_update: 24,
  compressed_certificate: 25,
  message_hash: 254,
} as const;

/** CipherSuite values that signal instead of naming a suite (RFC 5746 §3.3). */
export const emptyRenegotiationInfoScsv = 0x00ff;

/** A number as the registries print it. */
export function hex(value: number, bytes: 1 | 2 = 2): `0x${string}` {
  return `0x${value.toString(16).padStart(bytes * 2, "0")}`;
}

const handshakeNames = new Map<number, string>(
  Object.entries(handshakeType).map(([name, number]) => [number, name]),
);

/** The message's name in the RFCs, or its number where it has none. */
export function handshakeName(type: number): string {
  return handshakeNames.get(type) ?? hex(type, 1);
}
