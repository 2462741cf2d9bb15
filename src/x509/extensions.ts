/**
 * Certificate extensions (RFC 5280 §4.2), each decoded strictly.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { type DerReader, readDer, tag } from "./der.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";

/** What a certificate's extensions say, as far as this library acts on it. */
export interface Extensions {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: KeyUsage;
  /** Purposes, by OID (RFC 5280 §4.2.1.12). */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltName?: readonly GeneralName[];
  readonly isSubjectAltNameCritical?: boolean;
  /** DER of NameConstraints, for `constraints.ts`. */
  readonly nameConstraints?: Bytes;
  /** TLS extensions that a server has to answer (RFC 7633 §4.1), by their numbers. */
  readonly tlsFeatures?: readonly number[];
  /**
   * CRLDistributionPoints (RFC 5280 §4.2.1.13), for `crl/distribution-point.ts`. Not looked into:
   * where CRLs are not checked it says nothing, and so it is not understood where it is critical.
   */
  readonly crlDistributionPoints?: Bytes;
  /** AuthorityInfoAccessSyntax (RFC 5280 §4.2.2.1), for `issuer-lookup.ts`; not looked into. */
  readonly authorityInfoAccess?: Bytes;
  /** OIDs of critical extensions that are not understood: the certificate can't be used. */
  readonly unknownCritical: readonly string[];
}

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

/** The usages that matter here (RFC 5280 §4.2.1.3). */
export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly cRLSign: boolean;
  /** Any of keyEncipherment, dataEncipherment, keyAgreement, encipherOnly and decipherOnly. */
  readonly encrypts: boolean;
}

/** CRLDistributionPoints (RFC 5280 §4.2.1.13). */
const crlDistributionPoints = "2.5.29.31";

/** AuthorityInfoAccess (RFC 5280 §4.2.2.1). */
const authorityInfoAccess = "1.3.6.1.5.5.7.1.1";

type Known = Omit<Extensions, "unknownCritical">;

/** How each extension that is understood is read, by its OID. */
const table = new Map<string, (value: DerReader, critical: boolean) => Known>([
  ["2.5.29.15", (value) => ({ keyUsage: readKeyUsage(value) })],
  ["2.5.29.17", readSubjectAltName],
  ["2.5.29.19", (value) => ({ basicConstraints: readBasicConstraints(value) })],
  ["2.5.29.30", (value) => ({ nameConstraints: value.whole(tag.sequence) })],
  ["2.5.29.32", readPolicies],
  ["2.5.29.37", (value) => ({ extendedKeyUsage: value.list((purpose) => purpose.oid()) })],
  ["1.3.6.1.5.5.7.1.24", (value) => ({ tlsFeatures: value.list((item) => item.smallUnsigned()) })],
]);

/**
 * Extensions ::= SEQUENCE OF Extension (RFC 5280 §4.1).
 *
 * @throws TlsError `certificate/malformed`, also for an extension that comes twice (RFC 5280 §4.2).
 */
export function readExtensions(reader: DerReader): Extensions {
  const unknownCritical: string[] = [];
  let known: Known = {};
  for (const [oid, { critical, value }] of readExtensionList(reader)) {
    if (oid === crlDistributionPoints) known = { ...known, crlDistributionPoints: value };
    if (oid === authorityInfoAccess) known = { ...known, authorityInfoAccess: value };
    const read = table.get(oid);
    if (read !== undefined) {
      const what = `a certificate's extension ${oid}`;
      known = { ...known, ...readDer(value, what, (reader) => read(reader, critical)) };
    } else if (critical) {
      unknownCritical.push(oid);
    }
  }
  return { ...known, unknownCritical };
}

/** One extension, not looked into. */
export interface Extension {
  readonly critical: boolean;
  /** What its OCTET STRING holds. */
  readonly value: Bytes;
}

/**
 * Extensions as certificates, CRLs and OCSP responses have them, by their OIDs.
 *
 * @throws TlsError `certificate/malformed`, also for an extension that comes twice (RFC 5280 §4.2).
 */
export function readExtensionList(reader: DerReader): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  reader.list((list) => {
    const { oid, ...extension } = list.inside(tag.sequence, readExtension);
    if (extensions.has(oid)) throw reader.malformed(`the extension ${oid} comes twice`);
    extensions.set(oid, extension);
  });
  return extensions;
}

/** The error for a critical extension that is not understood (RFC 5280 §4.2). */
export function unknownCritical(certificate: string, oids: readonly string[]): TlsError {
  return new TlsError(
    "certificate/unknown-critical-extension",
    `${certificate} has critical extensions that webtls does not know (${oids.join(", ")}), so it ` +
      "may mean something else than it seems to. Its issuer has to leave them out.",
  );
}

function readExtension(reader: DerReader): Extension & { oid: string } {
  const oid = reader.oid();
  const isWritten = reader.next === tag.boolean;
  const critical = isWritten && reader.boolean();
  // X.690 §11.5: a value that is the default is left out.
  if (isWritten && !critical) throw reader.malformed("an extension's default is written out");
  return { oid, critical, value: reader.content(tag.octetString) };
}

/** RFC 5280 §4.2.1.3. Trailing zero bits are let pass: issuers do write them, against X.690 §11.2.2. */
function readKeyUsage(reader: DerReader): KeyUsage {
  const { bytes } = reader.bits();
  if (bytes.every((byte) => byte === 0)) throw reader.malformed("the key usage names no usage");
  const [first = 0, second = 0] = bytes;
  return {
    digitalSignature: (first & 0x80) !== 0,
    keyCertSign: (first & 0x04) !== 0,
    cRLSign: (first & 0x02) !== 0,
    encrypts: (first & 0x39) !== 0 || (second & 0x80) !== 0,
  };
}

/**
 * RFC 5280 §4.2.1.9. A FALSE that is written out, though it is the default (X.690 §11.5), is let
 * pass: so many certificates have it that no browser refuses it.
 */
function readBasicConstraints(reader: DerReader): BasicConstraints {
  return reader.inside(tag.sequence, (inner) => {
    const ca = inner.next === tag.boolean && inner.boolean();
    if (inner.next === undefined) return { ca };
    return { ca, pathLength: inner.smallUnsigned() };
  });
}

/** RFC 5280 §4.2.1.6. */
function readSubjectAltName(reader: DerReader, critical: boolean): Known {
  const names = reader.list(readGeneralName);
  for (const name of names) {
    if (name.form === "ip" && name.bytes.length !== 4 && name.bytes.length !== 16) {
      throw reader.malformed(`an IP address is ${name.bytes.length} bytes long, not 4 or 16`);
    }
    if (name.form === "dns" && (name.text === "" || name.text === " ")) {
      throw reader.malformed("a DNS name is empty");
    }
  }
  return { subjectAltName: names, isSubjectAltNameCritical: critical };
}

/**
 * RFC 5280 §4.2.1.4. Any policy will do here, so they change nothing; what could demand one, policy
 * constraints, is refused where it is critical. So is a critical policy with a qualifier that is not
 * known.
 */
function readPolicies(reader: DerReader, critical: boolean): Known {
  reader.list((policy) => {
    if (critical) policy.inside(tag.sequence, checkQualifiers);
    else policy.content(tag.sequence);
  });
  return {};
}

function checkQualifiers(policy: DerReader): void {
  policy.oid();
  if (policy.next === undefined) return;
  policy.list((list) =>
    list.inside(tag.sequence, (qualifier) => {
      if (!policyQualifiers.has(qualifier.oid())) {
        throw qualifier.malformed("a critical policy has a qualifier that is not known");
      }
      qualifier.any();
    }),
  );
}

/** id-qt-cps and id-qt-unotice (RFC 5280 §4.2.1.4): texts for people. */
const policyQualifiers: ReadonlySet<string> = new Set(["1.3.6.1.5.5.7.2.1", "1.3.6.1.5.5.7.2.2"]);
