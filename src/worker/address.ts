/**
 * Addresses, read from their text.
 *
 * @module
 */

import type { Address } from "../bridge/descriptor.ts";
import { invalidOption, type TlsError } from "../errors.ts";

/** A name holds no blanks, controls, or what delimits the parts of a URL (RFC 3986 §2.2). */
const form = /^(?:\[([\da-fA-F:.]+)\]|([^\p{Cc}\s/?#@\\[\]<>"%:]+)):(\d{1,5})$/u;

/**
 * Reads an address.
 *
 * @param text `host:port`, with an IPv6 address in brackets.
 * @returns the hostname as it goes over the wire: without brackets, and in A-labels (RFC 5890) where
 * it was written in another script.
 * @throws TlsError `configuration/invalid-option`.
 */
export function parseAddress(text: string): Address {
  const [, ip, name = "", digits] = form.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) throw invalidAddress();
  if (ip === undefined) return { hostname: toAscii(name), port };
  if (!ip.includes(":") || !URL.canParse(`https://[${ip}]/`)) throw invalidAddress();
  return { hostname: ip, port };
}

// The platform's URL parser knows IDNA. Hostnames in ASCII are left as they are: the parser would
// rewrite some of them, such as numbers to IPv4 addresses.
function toAscii(hostname: string): string {
  if (/^[\x20-\x7e]*$/.test(hostname)) return hostname;
  const url = `https://${hostname}/`;
  if (!URL.canParse(url)) throw invalidAddress();
  return new URL(url).hostname;
}

function invalidAddress(): TlsError {
  return invalidOption(
    "address",
    '"host:port" or { hostname, port }, an IPv6 host in brackets, a port up to 65535',
  );
}
