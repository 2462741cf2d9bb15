/**
 * The addresses pages ask for, and the list of those they may have.
 *
 * @module
 */

import { isIP, isIPv4 } from "node:net";

/** A TCP endpoint. */
export interface Target {
  /** A DNS name in lower case without trailing dot, or an IP address without brackets. */
  hostname: string;
  /** 1 to 65535. */
  port: number;
}

/**
 * Reads `host:port`; an IPv6 address stands in brackets.
 *
 * @returns undefined where it is anything else. Numbers that a resolver would take for an IPv4
 * address (`127.1`, `2130706433`, `0x7f.1`) are among that: they would slip past an allow list.
 */
export function parseTarget(address: string): Target | undefined {
  const { hostname, port } = split(address) ?? {};
  if (hostname === undefined || port === undefined) return undefined;
  const host = parseHost(hostname);
  const number = parsePort(port);
  if (host === undefined || number === undefined) return undefined;
  return { hostname: host, port: number };
}

/** `host:port`, as {@link parseTarget} reads it. */
export function formatTarget({ hostname, port }: Target): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * Makes the check whether a target is allowed.
 *
 * A pattern is `host:port`. The host may begin with `*.`, which stands for one or more labels
 * (`*.example.org` allows `a.example.org` and `a.b.example.org`, not `example.org`); the port may
 * be `*`. Names and addresses are different things: a name is not looked up to compare it.
 *
 * @throws Error that names the pattern which can't be read.
 */
export function createAllowList(patterns: readonly string[]): (target: Target) => boolean {
  const checks = patterns.map(parsePattern);
  return (target) => checks.some((matches) => matches(target));
}

function parsePattern(pattern: string): (target: Target) => boolean {
  const { hostname = "", port = "" } = split(pattern) ?? {};
  const anyLabels = hostname.startsWith("*.");
  const host = parseHost(anyLabels ? hostname.slice(2) : hostname);
  const number = port === "*" ? undefined : parsePort(port);
  const isValid = host !== undefined && (port === "*" || number !== undefined);
  if (!isValid || (anyLabels && isIP(host) !== 0)) {
    throw new Error(
      `"${pattern}" is not an allow pattern: expected host:port, where the host may begin with ` +
        `"*." and the port may be "*".`,
    );
  }
  return (target) =>
    (number === undefined || target.port === number) &&
    (anyLabels ? target.hostname.endsWith(`.${host}`) : target.hostname === host);
}

function split(address: string): { hostname: string; port: string } | undefined {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+)):([^:]+)$/.exec(address);
  if (match === null) return undefined;
  const [, bracketed, plain, port = ""] = match;
  // Brackets and IPv6 go together, or the parts of an address could be taken for a port.
  if (bracketed !== undefined)
    return isIP(bracketed) === 6 ? { hostname: bracketed, port } : undefined;
  return plain === undefined ? undefined : { hostname: plain, port };
}

function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** A host in the one form that comparing needs. */
function parseHost(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (isIP(text) === 6) return canonicalIPv6(text);
  const name = text.toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  // Letters, digits and hyphens (RFC 1123 §2.1), and the underscore that some names in use hold.
  const isName = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // A last label that is a number makes an IPv4 address in the eyes of many a resolver.
  const endsInNumber = /^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "");
  return isName && !endsInNumber && name.length <= 253 ? name : undefined;
}

/** The form of RFC 5952, by way of the URL parser. Addresses with a zone are not taken. */
function canonicalIPv6(text: string): string | undefined {
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}
