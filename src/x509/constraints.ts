/**
 * Names of certificates held against name constraints (RFC 5280 §4.2.1.10).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import type { CandidatePath, PathEffort } from "./candidate-path.ts";
import type { Certificate } from "./certificate.ts";
import { directoryRelation } from "./constraints/directory.ts";
import { dnsRelation } from "./constraints/dns.ts";
import { ipRelation } from "./constraints/ip.ts";
import { mailInSubjectRelation, mailRelation } from "./constraints/mail.ts";
import { type NameConstraints, parseNameConstraints, type Subtrees } from "./constraints/parse.ts";
import type { Relation } from "./constraints/relation.ts";
import { uriRelation } from "./constraints/uri.ts";
import { readDer } from "./der.ts";
import { describeName } from "./describe-name.ts";
import { asciiText } from "./directory-string.ts";
import { readName } from "./distinguished-name.ts";
import { type GeneralName, isOpaque } from "./general-name.ts";
import { nameKey } from "./name-match.ts";
import { formatIp } from "./names.ts";
import { printable } from "./printable.ts";

/**
 * Checks every certificate of a path against the constraints of all above it (RFC 5280 §6.1.3).
 *
 * @throws TlsError `certificate/name-constraint`; `certificate/malformed` where constraints, or a
 * name that is constrained, can't be read; `certificate/budget-exceeded`.
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
    const authority = describeName(subject);
    certificates.slice(0, position).forEach((certificate, index) => {
      effort.lookAt(index);
      // RFC 5280 §6.1.3 (b): self-issued certificates are free of them, unless the last one.
      if (index > 0 && nameKey(certificate.issuer) === nameKey(certificate.subject)) return;
      checkNameConstraints(constraints, certificate, authority, count);
    });
  }
}

/**
 * Checks all names of a certificate against the constraints of an authority above it.
 *
 * @param count told how many comparisons a name will take, for a budget.
 * @throws TlsError as {@link checkPathConstraints} does; also where a name has a form that is
 * constrained but not supported, as RFC 5280 §4.2.1.10 demands.
 */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  authority: string,
  count: (comparisons: number) => void,
): void {
  const check: Check = ({ permitted, excluded }, relate, shown) => {
    count(permitted.length + excluded.length);
    const refusal = (why: string) => violation(`${authority} may not issue for ${shown()}`, why);
    if (excluded.some((constraint) => relate(constraint) !== "outside")) {
      throw refusal("which it excludes by constraint");
    }
    if (permitted.length > 0 && !permitted.some((constraint) => relate(constraint) === "inside")) {
      throw refusal("which its constraints don't permit");
    }
  };
  for (const name of certificate.subjectAltName ?? []) {
    if (isOpaque(name) && constraints.opaque.has(name.form)) {
      throw violation(
        `${authority} has name constraints of the form "${name.form}"`,
        "which webtls does not support",
      );
    }
    checkName(constraints, name, check);
  }
  checkSubject(constraints, certificate, check);
}

/** Checks a name against the constraints of its form. @param relate of that name. */
type Check = <Constraint>(
  subtrees: Subtrees<Constraint>,
  relate: (constraint: Constraint) => Relation,
  shown: () => string,
) => void;

function checkName(constraints: NameConstraints, name: GeneralName, check: Check): void {
  switch (name.form) {
    case "dns":
      check(constraints.dns, dnsRelation(name.text), () => printable(name.text));
      break;
    case "ip":
      check(constraints.ip, ipRelation(name.bytes), () => formatIp(name.bytes));
      break;
    case "email":
      check(constraints.email, mailRelation(name.text), () => printable(name.text));
      break;
    case "uri":
      check(constraints.uri, uriRelation(name.text), () => printable(name.text));
      break;
    case "directory":
      checkDirectoryName(constraints, name.name, check);
      break;
    case "other":
      // RFC 9598 §6: constraints of mail addresses are for those beyond ASCII too.
      if (isConstrained(constraints.email) && otherNameType(name.content) === smtpUtf8Mailbox) {
        check(
          constraints.email,
          () => "unclear",
          () => "a mail address beyond ASCII",
        );
      }
  }
}

/** RFC 5280 §4.2.1.10: constraints of directory names are for the subject too, where it has one. */
function checkSubject(constraints: NameConstraints, certificate: Certificate, check: Check): void {
  const { subject, subjectAltName } = certificate;
  if (subject.length <= emptyNameLength) return;
  checkDirectoryName(constraints, subject, check);
  // The same: where there are no other names, constraints of mail are for the subject's addresses.
  if (subjectAltName !== undefined || !isConstrained(constraints.email)) return;
  for (const attribute of readName(subject).flat()) {
    if (attribute.type !== emailAddress) continue;
    const text = asciiText(attribute);
    const relate = text === undefined ? () => "unclear" as const : mailInSubjectRelation(text);
    check(constraints.email, relate, () => printable(text ?? "a mail address"));
  }
}

function checkDirectoryName({ directory }: NameConstraints, name: Bytes, check: Check): void {
  // What is not constrained need not be readable.
  if (isConstrained(directory)) check(directory, directoryRelation(name), () => describeName(name));
}

function isConstrained({ permitted, excluded }: Subtrees<unknown>): boolean {
  return permitted.length + excluded.length > 0;
}

/** DER of a Name without attributes. */
const emptyNameLength = 2;

/** RFC 2985 §5.2.1. */
const emailAddress = "1.2.840.113549.1.9.1";

/** id-on-SmtpUTF8Mailbox (RFC 9598 §3). */
const smtpUtf8Mailbox = "1.3.6.1.5.5.7.8.9";

/** The type-id of an OtherName (RFC 5280 §4.2.1.6). @param content what it holds, in DER. */
function otherNameType(content: Bytes): string {
  return readDer(content, "a certificate's other name", (reader) => {
    const type = reader.oid();
    reader.any();
    return type;
  });
}

function violation(what: string, why: string): TlsError {
  return new TlsError(
    "certificate/name-constraint",
    `${what}, ${why}. The server needs a certificate from another issuer.`,
  );
}
