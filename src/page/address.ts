/**
 * Addresses as callers write them.
 *
 * @module
 */

import type { Address } from "../bridge/descriptor.ts";
import { invalidOption } from "../errors.ts";

/** `"host:port"`, with IPv6 addresses in brackets, or the two apart. */
export type SocketAddress = string | Address;

/** What no hostname holds: blanks, controls, and what delimits the parts of a URL (RFC 3986 §2.2). */
const forbidden = /[\p{Cc}\s/?#@\\[\]<>"%]/u;

/**
 * Reads an address.
 *
 * @returns the hostname as it goes over the wire: without brackets, and in A-labels (RFC 5890) where
 * it was written in another script.
 * @throws TlsError `configuration/invalid-option`.
 */
export function parseAddress(address: SocketAddress | null | undefined): Address {
  const { hostname, port } = typeof address === "string" ? split(address) : (address ?? {});
  if (typeof hostname !== "string" || typeof port !== "number") throw invalidAddress();
  const bare =
    hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
  if (bare === "" || forbidden.test(bare)) throw invalidAddress();
  // Colons are an IPv6 address's. Elsewhere they would be taken for a port, and that be dropped.
  if (bare.includes(":") && !URL.canParse(`https://[${bare}]/`)) throw invalidAddress();
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalidAddress();
  return { hostname: toAscii(bare), port };
}

function split(address: string): Address {
  const [, bracketed, name, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  const hostname = bracketed ?? name;
  if (hostname === undefined || (bracketed !== undefined && !bracketed.includes(":"))) {
    throw invalidAddress();
  }
  return { hostname, port: Number(port) };
}

// The platform's URL parser knows IDNA. Hostnames in ASCII are left as they are: the parser would
// rewrite some of them, such as numbers to IPv4 addresses.
function toAscii(hostname: string): string {
  if (/^[\x20-\x7e]*$/.test(hostname)) return hostname;
  const url = `https://${hostname}/`;
  if (!URL.canParse(url)) throw invalidAddress();
  return new URL(url).hostname;
}

function invalidAddress() {
  return invalidOption(
    "address",
    '"host:port" or { hostname, port }, an IPv6 host in brackets, a port from 1 to 65535',
  );
}
