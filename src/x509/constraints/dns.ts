/**
 * DNS names under constraint (RFC 5280 §4.2.1.10).
 *
 * @module
 */

import { isDnsName } from "../names.ts";
import type { Relation } from "./relation.ts";

/**
 * Reads a constraint: a domain, or nothing, which contains all.
 *
 * A leading period, which RFC 5280 knows for URIs and mail only, is refused: issuers who write it
 * may mean the domain itself too or not, and implementations read it in both ways.
 *
 * @returns the domain in lower case; undefined where it is none.
 */
export function dnsConstraint(text: string): string | undefined {
  const domain = relative(text.toLowerCase());
  return domain === "" || isDnsName(domain) ? domain : undefined;
}

/** How a DNS name, or all that a wildcard stands for, lies to a domain. */
export function dnsRelation(name: string): (domain: string) => Relation {
  const isWildcard = name.startsWith("*.");
  const host = relative((isWildcard ? name.slice(2) : name).toLowerCase());
  if (!isDnsName(host)) return () => "unclear";
  return (domain) => {
    if (domain === "" || host === domain || host.endsWith(`.${domain}`)) return "inside";
    const isBesideIt = isWildcard && host === domain.slice(domain.indexOf(".") + 1);
    return isBesideIt ? "unclear" : "outside";
  };
}

/** An absolute name (RFC 1034 §3.1) means the same with and without the period at its end. */
function relative(name: string): string {
  return name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name;
}
