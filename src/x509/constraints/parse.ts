/**
 * NameConstraints (RFC 5280 §4.2.1.10), read.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { constructed, type DerReader, readDer, tag } from "../der.ts";
import { type OpaqueForm, readGeneralName } from "../general-name.ts";
import { comparableRdns } from "../name-match.ts";
import type { DirectoryConstraint } from "./directory.ts";
import { dnsConstraint } from "./dns.ts";
import { type HostConstraint, hostConstraint } from "./host.ts";
import { isNetwork } from "./ip.ts";
import { type MailConstraint, mailConstraint } from "./mail.ts";

/** Constraints by form: names of different forms are never compared. */
export interface NameConstraints {
  readonly dns: Subtrees<string>;
  readonly ip: Subtrees<Bytes>;
  readonly email: Subtrees<MailConstraint | undefined>;
  readonly uri: Subtrees<HostConstraint | undefined>;
  readonly directory: Subtrees<DirectoryConstraint>;
  /** Forms that are constrained, but that nothing is known of. */
  readonly opaque: ReadonlySet<OpaqueForm>;
}

/** Constraints of one form. One is undefined where it can't be said what is meant. */
export interface Subtrees<Constraint> {
  readonly permitted: readonly Constraint[];
  readonly excluded: readonly Constraint[];
}

/**
 * Reads NameConstraints. The result is kept as long as this very object, so it is not to be changed.
 *
 * @throws TlsError `certificate/malformed`.
 */
export function parseNameConstraints(der: Bytes): NameConstraints {
  const known = parsed.get(der);
  if (known !== undefined) return known;
  const constraints = readDer(der, "a certificate's name constraints", (reader) =>
    reader.inside(tag.sequence, readConstraints),
  );
  parsed.set(der, constraints);
  return constraints;
}

const parsed = new WeakMap<Bytes, NameConstraints>();

function readConstraints(reader: DerReader): NameConstraints {
  const permitted = readSubtrees(reader, constructed(0));
  const excluded = readSubtrees(reader, constructed(1));
  if (permitted === undefined && excluded === undefined) {
    throw reader.malformed("they constrain nothing");
  }
  const select = <Constraint>(pick: (base: Base) => readonly Constraint[]) => ({
    permitted: (permitted ?? []).flatMap(pick),
    excluded: (excluded ?? []).flatMap(pick),
  });
  const opaque = select((base) => ("constraint" in base ? [] : [base.form]));
  return {
    dns: select((base) => (base.form === "dns" ? [base.constraint] : [])),
    ip: select((base) => (base.form === "ip" ? [base.constraint] : [])),
    email: select((base) => (base.form === "email" ? [base.constraint] : [])),
    uri: select((base) => (base.form === "uri" ? [base.constraint] : [])),
    directory: select((base) => (base.form === "directory" ? [base.constraint] : [])),
    opaque: new Set([...opaque.permitted, ...opaque.excluded]),
  };
}

/** The base of a GeneralSubtree. */
type Base =
  | { readonly form: "dns"; readonly constraint: string }
  | { readonly form: "ip"; readonly constraint: Bytes }
  | { readonly form: "email"; readonly constraint: MailConstraint | undefined }
  | { readonly form: "uri"; readonly constraint: HostConstraint | undefined }
  | { readonly form: "directory"; readonly constraint: DirectoryConstraint }
  | { readonly form: OpaqueForm };

/** GeneralSubtrees: minimum and maximum are not used in this profile, so they may not be there. */
function readSubtrees(reader: DerReader, number: number): Base[] | undefined {
  if (reader.next !== number) return undefined;
  return reader.list((subtree) => subtree.inside(tag.sequence, readBase), number);
}

function readBase(reader: DerReader): Base {
  const base = readGeneralName(reader);
  switch (base.form) {
    case "dns": {
      const constraint = dnsConstraint(base.text);
      if (constraint === undefined)
        throw reader.malformed("a DNS constraint is no DNS name (without a leading period)");
      return { form: "dns", constraint };
    }
    case "ip":
      if (!isNetwork(base.bytes)) {
        throw reader.malformed("an IP constraint is not an address and a mask of leading ones");
      }
      return { form: "ip", constraint: base.bytes };
    case "email":
      return { form: "email", constraint: mailConstraint(base.text) };
    case "uri":
      return { form: "uri", constraint: hostConstraint(base.text) };
    case "directory":
      return { form: "directory", constraint: comparableRdns(base.name) };
    default:
      return { form: base.form };
  }
}
