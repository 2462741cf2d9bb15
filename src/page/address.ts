/**
 * Addresses as callers write them.
 *
 * @module
 */

import { type Address, formatAddress } from "../bridge/descriptor.ts";
import { invalidOption } from "../errors.ts";

/** `"host:port"`, with IPv6 addresses in brackets, or the two apart. */
export type SocketAddress = string | Address;

/** A name holds no blanks, controls, or what delimits the parts of a URL (RFC 3986 §2.2). */
const form = /^(?:\[([\da-f:.]+)\]|([^\p{Cc}\s/?#@\\[\]<>"%:]+)):(\d{1,5})$/iu;

/**
 * Reads an address.
 *
 * @returns the hostname as it goes over the wire: without brackets, and in A-labels (RFC 5890) where
 * it was written in another script.
 * @throws TlsError `configuration/invalid-option`.
 */
export function parseAddress(address: SocketAddress | null | undefined): Address {
  const text = typeof address === "string" ? address : joined(address ?? {});
  const [, ip, name = "", digits] = form.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) throw invalidAddress();
  if (ip === undefined) return { hostname: toAscii(name), port };
  if (!ip.includes(":") || !URL.canParse(`https://[${ip}]/`)) throw invalidAddress();
  return { hostname: ip, port };
}

/** The two parts as one, where they are what they have to be: JavaScript may give anything. */
function joined({ hostname, port }: Partial<Address>): string {
  if (typeof hostname !== "string" || typeof port !== "number") return "";
  return hostname.startsWith("[") ? `${hostname}:${port}` : formatAddress({ hostname, port });
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
    '"host:port" or { hostname, port }, an IPv6 host in brackets, a port up to 65535',
  );
}
