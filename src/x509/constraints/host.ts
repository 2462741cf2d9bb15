/**
 * Hosts in constraints of mail addresses and URIs (RFC 5280 §4.2.1.10).
 *
 * @module
 */

import { isDnsName } from "../names.ts";

/** A host, or all below a domain. */
export interface HostConstraint {
  /** Lower case. */
  readonly host: string;
  /** Whether all hosts below that one are meant, and not itself. */
  readonly isBelow: boolean;
}

/** Reads a constraint: a host's name, or with a leading period a domain. */
export function hostConstraint(text: string): HostConstraint | undefined {
  const isBelow = text.startsWith(".");
  const host = (isBelow ? text.slice(1) : text).toLowerCase();
  return isDnsName(host) ? { host, isBelow } : undefined;
}

/** @param host lower case. */
export function isAtHost(host: string, constraint: HostConstraint): boolean {
  return constraint.isBelow ? host.endsWith(`.${constraint.host}`) : host === constraint.host;
}
