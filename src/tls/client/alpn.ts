/**
 * The application protocol a server picks (RFC 7301 §3.2).
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { type Extensions, extensionType } from "../messages/extension.ts";
import { decodeAlpn } from "../messages/server-flight.ts";

/**
 * @returns undefined where the server picks none, as one that does not know ALPN does.
 * @throws TlsError `handshake/illegal-parameter` for a protocol that was not offered.
 */
export function selectedAlpn(
  extensions: Extensions,
  { alpn: offered }: ClientConfig,
): string | undefined {
  const body = extensions.get(extensionType.application_layer_protocol_negotiation);
  if (body === undefined) return undefined;
  const selected = decodeAlpn(body);
  if (offered.includes(selected)) return selected;
  throw new TlsError(
    "handshake/illegal-parameter",
    `The server picked the application protocol ${JSON.stringify(selected)}, which was not among ${offered.join(", ")}.`,
  );
}
