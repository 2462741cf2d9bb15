/**
 * Mail addresses under constraint (RFC 5280 §4.2.1.10 and §7.5). Local parts in quotes and hosts
 * given by their address can be written in many ways that mean the same, so nothing is said of them.
 *
 * @module
 */

import { isDnsName } from "../names.ts";
import { type HostConstraint, hostConstraint, isAtHost } from "./host.ts";
import type { Relation } from "./relation.ts";

/** Addresses at some hosts. */
export interface MailConstraint extends HostConstraint {
  /** A mailbox's name; without it all of the hosts are meant. */
  readonly localPart?: string;
}

interface Mailbox {
  readonly localPart: string;
  /** Lower case. */
  readonly host: string;
}

/** Reads a constraint: a mailbox, a host, or a domain, which has a leading period. */
export function mailConstraint(text: string): MailConstraint | undefined {
  if (!text.includes("@")) return hostConstraint(text);
  const mailbox = readMailbox(text);
  return mailbox === undefined ? undefined : { ...mailbox, isBelow: false };
}

/** How an address lies to a constraint. Names of mailboxes are the same only to the letter (§7.5). */
export function mailRelation(text: string): (constraint: MailConstraint | undefined) => Relation {
  return relationOf(text, (localPart, wanted) => (localPart === wanted ? "inside" : "outside"));
}

/**
 * The same for one that stands in a subject. There RFC 2985 §5.2.1 compares them without case, and
 * RFC 5280 does not: names of mailboxes that differ only in that are neither the same nor not.
 */
export function mailInSubjectRelation(
  text: string,
): (constraint: MailConstraint | undefined) => Relation {
  return relationOf(text, (localPart, wanted) => {
    if (localPart === wanted) return "inside";
    return localPart.toLowerCase() === wanted.toLowerCase() ? "unclear" : "outside";
  });
}

function relationOf(
  text: string,
  matchLocalParts: (localPart: string, wanted: string) => Relation,
): (constraint: MailConstraint | undefined) => Relation {
  const mailbox = readMailbox(text);
  if (mailbox === undefined) return () => "unclear";
  const { localPart, host } = mailbox;
  return (constraint) => {
    if (constraint === undefined) return "unclear";
    if (!isAtHost(host, constraint)) return "outside";
    if (constraint.localPart === undefined) return "inside";
    return matchLocalParts(localPart, constraint.localPart);
  };
}

/** A Mailbox (RFC 5321 §4.1.2) whose local part is a Dot-string, at a host that has a name. */
function readMailbox(text: string): Mailbox | undefined {
  const [, localPart, host] = /^([\w.!#$%&'*+/=?^`{|}~-]+)@([^@]+)$/.exec(text) ?? [];
  if (localPart === undefined || host === undefined) return undefined;
  return isDnsName(host.toLowerCase()) ? { localPart, host: host.toLowerCase() } : undefined;
}
