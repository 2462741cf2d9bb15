/**
 * The application protocol a server picks (RFC 7301 §3.2).
 *
 * @module
 */

import { equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { type Extensions, extensionType } from "../messages/extension.ts";
import { decodeAlpn } from "../messages/server-flight.ts";

/**
 * @returns undefined where the server picks none, as one that does not know ALPN does.
 * @throws TlsError `handshake/no-application-protocol` for a protocol that was not offered.
 */
export function selectedAlpn(
  extensions: Extensions,
  { alpn: offered, trace }: ClientConfig,
): string | undefined {
  const body = extensions.get(extensionType.application_layer_protocol_negotiation);
  if (body === undefined) return undefined;
  const selected = decodeAlpn(body);
  // Names are bytes (RFC 7301 §3.1): decoded as text, two that differ could look the same.
  const encoder = new TextEncoder();
  const match = offered.find((protocol) => equalPublic(encoder.encode(protocol), selected));
  if (match !== undefined) {
    trace?.({ kind: "settled", alpn: match });
    return match;
  }
  const name = JSON.stringify(new TextDecoder().decode(selected));
  throw new TlsError(
    "handshake/no-application-protocol",
    `The server picked the application protocol ${name}, which was not among ${offered.join(", ")}.`,
  );
}
