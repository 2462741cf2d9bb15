/**
 * Name constraints (RFC 5280 §4.2.1.10) for DNS names and IP addresses.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import type { CandidatePath, PathEffort } from "./candidate-path.ts";
import type { Certificate } from "./certificate.ts";
import { constructed, type DerReader, readDer, tag } from "./der.ts";
import { describeName, printable } from "./distinguished-name.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";
import { nameKey } from "./name-match.ts";
import { formatIp, isDnsName } from "./names.ts";

/** Which names an authority may, and may not, issue certificates for. */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

/** GeneralSubtrees, by the form of their names: names of different forms are never compared. */
type Subtrees = ReadonlyMap<GeneralName["form"], readonly GeneralName[]>;

/**
 * Reads NameConstraints.
 *
 * @throws TlsError `certificate/malformed`.
 */
export function parseNameConstraints(der: Bytes): NameConstraints {
  return readDer(der, "a certificate's name constraints", (reader) =>
    reader.inside(tag.sequence, (constraints) => {
      const permitted = readSubtrees(constraints, constructed(0));
      const excluded = readSubtrees(constraints, constructed(1));
      if (permitted === undefined && excluded === undefined) {
        throw constraints.malformed("they constrain nothing");
      }
      return { permitted: byForm(permitted ?? []), excluded: byForm(excluded ?? []) };
    }),
  );
}

/**
 * Checks every certificate of a path against the constraints of all above it (RFC 5280 §6.1.3).
 *
 * @throws TlsError `certificate/name-constraint`; `certificate/malformed` where constraints can't be
 * read; `certificate/budget-exceeded`.
 */
export function checkPathConstraints(
  { certificates, anchor }: CandidatePath,
  effort: PathEffort,
): void {
  const count = (comparisons: number) => effort.spend("constraints", comparisons);
  for (const [position, { subject, nameConstraints }] of [...certificates, anchor].entries()) {
    if (nameConstraints === undefined) continue;
    effort.lookAt(position);
    const constraints = parseNameConstraints(nameConstraints);
    certificates.slice(0, position).forEach((certificate, index) => {
      effort.lookAt(index);
      // RFC 5280 §6.1.3 (b): self-issued certificates are free of them, unless the last one.
      if (index > 0 && nameKey(certificate.issuer) === nameKey(certificate.subject)) return;
      checkNameConstraints(constraints, certificate, describeName(subject), count);
    });
  }
}

/**
 * Checks all names of a certificate against the constraints of an authority above it.
 *
 * @param count told how many comparisons a name will take, for a budget.
 * @throws TlsError `certificate/name-constraint`; also where a name has a form that is constrained
 * but not supported, as RFC 5280 §4.2.1.10 demands.
 */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  authority: string,
  count: (comparisons: number) => void,
): void {
  for (const name of namesOf(certificate)) {
    const excluded = constraints.excluded.get(name.form) ?? [];
    const permitted = constraints.permitted.get(name.form) ?? [];
    if (excluded.length === 0 && permitted.length === 0) continue;
    count(excluded.length + permitted.length);
    if (name.form !== "dns" && name.form !== "ip") {
      throw violation(
        `${authority} has name constraints of the form "${name.form}"`,
        "which webtls does not support",
      );
    }
    const text = name.form === "ip" ? formatIp(name.bytes) : printable(name.text);
    // What is no DNS name can be said to lie neither outside nor inside.
    const isComparable = name.form === "ip" || isDnsName(hostOf(name.text));
    if (excluded.length > 0 && !(isComparable && excluded.every((c) => !overlaps(c, name)))) {
      throw violation(`${authority} may not issue for ${text}`, "which it excludes by constraint");
    }
    if (permitted.length > 0 && !(isComparable && permitted.some((c) => contains(c, name)))) {
      throw violation(
        `${authority} may not issue for ${text}`,
        "which its constraints don't permit",
      );
    }
  }
}

/** RFC 5280 §4.2.1.10: constraints of directory names are for the subject too. */
function namesOf(certificate: Certificate): GeneralName[] {
  const names = [...(certificate.subjectAltName ?? [])];
  if (certificate.subject.length > 2)
    names.push({ form: "directory", content: certificate.subject });
  return names;
}

function byForm(names: readonly GeneralName[]): Subtrees {
  const groups = new Map<GeneralName["form"], GeneralName[]>();
  for (const name of names) {
    const group = groups.get(name.form);
    if (group === undefined) groups.set(name.form, [name]);
    else group.push(name);
  }
  return groups;
}

/** GeneralSubtrees: minimum and maximum are not used in this profile, so they may not be there. */
function readSubtrees(reader: DerReader, number: number): GeneralName[] | undefined {
  if (reader.next !== number) return undefined;
  return reader.list((subtree) => subtree.inside(tag.sequence, readBase), number);
}

function readBase(reader: DerReader): GeneralName {
  const base = readGeneralName(reader);
  if (base.form === "ip" && !isAddressAndMask(base.bytes)) {
    throw reader.malformed("an IP constraint is not an address and a mask of leading ones");
  }
  if (base.form !== "dns") return base;
  const text = base.text.toLowerCase();
  // An empty name contains all. RFC 5280 gives a leading period a meaning for URIs only, but issuers
  // write it, and webpki, Go and OpenSSL take it.
  if (text !== "" && !isDnsName(withoutPeriod(text))) {
    throw reader.malformed("a DNS constraint is no DNS name");
  }
  return { form: "dns", text };
}

/** Whether the whole name lies within a constraint of the same form. */
function contains(constraint: GeneralName, name: GeneralName): boolean {
  if (constraint.form === "ip" && name.form === "ip")
    return inNetwork(constraint.bytes, name.bytes);
  if (constraint.form !== "dns" || name.form !== "dns") return false;
  return isWithin(hostOf(name.text), constraint.text, isWildcard(name.text));
}

/**
 * Whether a name, or one that its wildcard stands for, lies within a constraint of that form. A
 * leading period does not keep the domain itself out of what is excluded.
 */
function overlaps(constraint: GeneralName, name: GeneralName): boolean {
  if (constraint.form !== "dns" || name.form !== "dns") return contains(constraint, name);
  const host = hostOf(name.text);
  const excluded = withoutPeriod(constraint.text);
  const parent = excluded.slice(excluded.indexOf(".") + 1);
  return isWithin(host, excluded) || (isWildcard(name.text) && host === parent);
}

function isWildcard(name: string): boolean {
  return name.startsWith("*.");
}

/** The name in lower case, or of a wildcard the domain that all it stands for lie in. */
function hostOf(name: string): string {
  return (isWildcard(name) ? name.slice(2) : name).toLowerCase();
}

function withoutPeriod(domain: string): string {
  return domain.startsWith(".") ? domain.slice(1) : domain;
}

/**
 * RFC 5280 §4.2.1.10: the name itself, or any labels before it. With a leading period there must be
 * such labels; a wildcard has them.
 */
function isWithin(host: string, domain: string, isBelow = false): boolean {
  const apex = withoutPeriod(domain);
  if (host === apex) return isBelow || apex === domain;
  return apex === "" || host.endsWith(`.${apex}`);
}

function inNetwork(network: Bytes, address: Bytes): boolean {
  if (network.length !== 2 * address.length) return false;
  return address.every((byte, index) => {
    const mask = network[address.length + index] ?? 0;
    return (byte & mask) === ((network[index] ?? 0) & mask);
  });
}

/** RFC 4632 §3.1: a mask is ones, then zeros. */
function isAddressAndMask(bytes: Bytes): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  let bits = "";
  for (const byte of bytes.subarray(bytes.length / 2)) bits += byte.toString(2).padStart(8, "0");
  return /^1*0*$/.test(bits);
}

function violation(what: string, why: string): TlsError {
  return new TlsError(
    "certificate/name-constraint",
    `${what}, ${why}. The server needs a certificate from another issuer.`,
  );
}
