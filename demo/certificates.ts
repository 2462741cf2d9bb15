/**
 * Certificates in words, for people. What is trusted was decided before, by the library's own
 * reader; this is loaded when there is something to show.
 *
 * @module
 */

// `@peculiar/x509` needs it to be there first.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate for people. */
export interface Description {
  /** Whom it is about, in short. */
  title: string;
  /** Who has issued it, in short. */
  issuer?: string;
  /** Whether it names itself as its issuer. */
  isSelfIssued?: boolean;
  /** What matters most about it, at a glance. */
  facts: Fact[];
  details: [term: string, value: string | undefined][];
}

/** What a certificate says about itself. */
export interface Fact {
  name: "names" | "validity" | "key";
  term: string;
  value: string;
}

/** Describes a certificate given in DER; one that can't be read is said to be so. */
export async function describeCertificate(der: Uint8Array): Promise<Description> {
  try {
    return await describeReadable(new x509.X509Certificate(Uint8Array.from(der)));
  } catch (error) {
    const title = `A certificate that can't be read (${der.length} bytes)`;
    return { title, facts: [], details: [["Problem", String(error)]] };
  }
}

/** A Name in DER, in short and in full. */
export function describeName(der: Uint8Array): { title: string; text: string } {
  try {
    const name = new x509.Name(Uint8Array.from(der).buffer);
    return { title: shortName(name), text: name.toString() };
  } catch {
    return { title: "A name that can't be read", text: "" };
  }
}

/** Tells whether a Name in DER is the subject of a certificate in PEM. @param pem empty: none. */
export function rootIn(pem: string): (name: Uint8Array) => boolean {
  if (pem === "") return () => false;
  const { subject } = new x509.X509Certificate(pem);
  return (name) => describeName(name).text === subject;
}

async function describeReadable(certificate: x509.X509Certificate): Promise<Description> {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const isAuthority = certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true;
  const { notBefore, notAfter, publicKey, subject, issuer, subjectName, issuerName } = certificate;
  const fingerprint = new Uint8Array(await certificate.getThumbprint("SHA-256"));
  const namesText = names.map(({ value }) => value).join(", ");
  return {
    title:
      subject === "" ? (names[0]?.value ?? "A certificate without name") : shortName(subjectName),
    issuer: shortName(issuerName),
    isSelfIssued: issuer === subject,
    facts: [
      ...(namesText === "" ? [] : [{ name: "names", term: "For", value: namesText } as const]),
      { name: "validity", term: "Valid", value: validity(notBefore, notAfter) },
      { name: "key", term: "Key", value: algorithm(publicKey.algorithm) },
    ],
    details: [
      ["Subject", subject],
      ["Issuer", issuer === subject ? `${issuer} (itself)` : issuer],
      ["Kind", isAuthority ? "certificate authority" : "server"],
      ["Valid from", date(notBefore)],
      ["Valid until", date(notAfter)],
      ["Signed with", algorithm(certificate.signatureAlgorithm)],
      ["Serial number", certificate.serialNumber],
      ["SHA-256", hex(fingerprint)],
    ],
  };
}

/** The most telling attribute. */
function shortName(name: x509.Name): string {
  for (const type of ["CN", "OU", "O"]) {
    const [value] = name.getField(type);
    if (value !== undefined) return value;
  }
  return name.toString() || "An empty name";
}

function validity(notBefore: Date, notAfter: Date): string {
  if (notBefore.getTime() > Date.now()) return `from ${date(notBefore)} on, ${distance(notBefore)}`;
  const verb = notAfter.getTime() < Date.now() ? "was until" : "until";
  return `${verb} ${date(notAfter)}, ${distance(notAfter)}`;
}

function algorithm(value: Algorithm): string {
  const { namedCurve, modulusLength, hash } = value as Partial<
    EcKeyAlgorithm & RsaHashedKeyAlgorithm
  >;
  const size = modulusLength === undefined ? undefined : `${modulusLength} bits`;
  return [value.name, namedCurve, size, hash?.name].filter((part) => part !== undefined).join(", ");
}

function date(value: Date): string {
  return value.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

/** How far a date is from now, in whole days. */
function distance(value: Date): string {
  const days = Math.round((value.getTime() - Date.now()) / (24 * 60 * 60 * 1000));
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(days, "day");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
