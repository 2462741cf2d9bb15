/**
 * Whom a certificate must be for: the server's name as the caller gave it, and the comparison with
 * the names in the certificate (RFC 9525).
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import type { GeneralName } from "./general-name.ts";
import { printable } from "./printable.ts";

/** A reference identity (RFC 9525 §6.1). */
export type ServerName =
  /** Lower case, A-labels, without a dot at its end: fit for SNI (RFC 6066 §3). */
  | { readonly kind: "dns"; readonly name: string }
  /** 4 or 16 bytes, and the address as text: IPv6 in its shortest form, without brackets. */
  | { readonly kind: "ip"; readonly bytes: Bytes; readonly text: string };

/**
 * Reads a host name: a DNS name (absolute or not, U-labels or A-labels, underscores allowed), an
 * IPv4 address, or an IPv6 address with or without brackets.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function serverNameFrom(hostname: string): ServerName {
  const ipv4 = parseIpv4(hostname);
  if (ipv4 !== undefined) return { kind: "ip", bytes: ipv4, text: hostname };
  if (hostname.includes(":")) {
    const ipv6 = parseIpv6(hostname);
    if (ipv6 !== undefined) return { kind: "ip", ...ipv6 };
  } else {
    const name = dnsNameFrom(hostname);
    if (name !== undefined) return { kind: "dns", name };
  }
  throw new TlsError(
    "configuration/invalid-option",
    `"${printable(hostname)}" is not a server's name: expected a DNS name such as ` +
      `"www.example.org", or an IPv4 or IPv6 address.`,
  );
}

/**
 * Whether one of a certificate's names is the server's. The common name is never looked at
 * (RFC 9525 §2).
 */
export function matchesServerName(names: readonly GeneralName[], server: ServerName): boolean {
  return names.some((name) => {
    if (server.kind === "ip") return name.form === "ip" && equalPublic(name.bytes, server.bytes);
    return name.form === "dns" && matchesDnsName(name.text.toLowerCase(), server.name);
  });
}

/** The error for a certificate that is for somebody else. */
export function wrongName(names: readonly GeneralName[], server: ServerName): TlsError {
  const wanted = server.kind === "dns" ? server.name : server.text;
  const valid = names.flatMap((name) => {
    if (name.form === "dns") return [printable(name.text)];
    return name.form === "ip" ? [formatIp(name.bytes)] : [];
  });
  const listed = valid.slice(0, 10).join(", ") + (valid.length > 10 ? ", …" : "");
  return new TlsError(
    "certificate/wrong-name",
    `The server's certificate is not valid for ${wanted}: it ${
      valid.length === 0
        ? "lists no names at all (subjectAltName; the common name does not count)"
        : `is valid for ${listed}`
    }. Connect by a name it is valid for, or give the server a certificate for ${wanted}.`,
  );
}

/** Letters, digits and hyphens (RFC 1123 §2.1), and underscores, as many real names have them. */
const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Whether this is a DNS name in lower case, without a dot at its end. */
export function isDnsName(name: string): boolean {
  const labels = name.split(".");
  // RFC 1035 §2.3.4. A last label of digits only would make it an address (RFC 1123 §2.1).
  return (
    name.length <= 253 &&
    labels.every((part) => label.test(part)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

/**
 * RFC 9525 §6.3: a wildcard is the whole leftmost label, and stands for exactly one. Two labels at
 * least must follow, so that nobody is valid for all of `*.com`.
 */
function matchesDnsName(presented: string, name: string): boolean {
  if (!presented.startsWith("*.")) return presented === name;
  const parent = presented.slice(2);
  const dot = name.indexOf(".");
  return parent.includes(".") && dot > 0 && name.slice(dot + 1) === parent;
}

function dnsNameFrom(hostname: string): string | undefined {
  // Only names with U-labels (RFC 5890 §2.3.2.1) go through URL: it would read "127.1" and "0x7f.1"
  // as addresses, and take much that is no host name.
  const ascii = /^[\x21-\x7e]*$/.test(hostname) ? hostname : toAscii(hostname);
  const name = ascii?.toLowerCase().replace(/\.$/, "");
  return name !== undefined && isDnsName(name) ? name : undefined;
}

/** IDNA by the platform (UTS #46), the one place in every runtime where it is at hand. */
function toAscii(hostname: string): string | undefined {
  if (/[\s/?#@:\\%[\]]/.test(hostname)) return undefined;
  try {
    return new URL(`https://${hostname}`).hostname;
  } catch {
    return undefined;
  }
}

/** Four decimal numbers without leading zeros (RFC 6943 §3.1.1's strict form). */
function parseIpv4(text: string): Bytes | undefined {
  const parts = text.split(".");
  const isStrict = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part));
  const numbers = parts.map(Number);
  return isStrict && numbers.every((n) => n <= 255) ? Uint8Array.from(numbers) : undefined;
}

/** URL brings an address into its shortest form (RFC 5952), and refuses zones (RFC 6874). */
function parseIpv6(text: string): { bytes: Bytes; text: string } | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (!/^[0-9a-f:.]+$/i.test(bare)) return undefined;
  let shortest: string;
  try {
    shortest = new URL(`https://[${bare}]`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
  const [before = [], after] = shortest
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16))));
  const zeros = after === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...new Array<number>(zeros).fill(0), ...(after ?? [])];
  return { bytes: Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 0xff])), text: shortest };
}

/** An address as people write it. @param bytes 4 or 16 of them. */
export function formatIp(bytes: Bytes): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return parseIpv6(groups.join(":"))?.text ?? groups.join(":");
}
