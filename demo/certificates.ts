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
  title: string;
  details: [string, string | undefined][];
  /** The term of the date that it is out of. */
  outOfDate?: string | undefined;
}

/** Describes a certificate given in DER; one that can't be read is said to be so. */
export async function describe(der: Uint8Array): Promise<Description> {
  try {
    return await describeReadable(new x509.X509Certificate(Uint8Array.from(der)));
  } catch (error) {
    const details: Description["details"] = [["Problem", String(error)]];
    return { title: `A certificate that can't be read (${der.length} bytes)`, details };
  }
}

async function describeReadable(certificate: x509.X509Certificate): Promise<Description> {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const isAuthority = certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true;
  const commonName = certificate.subjectName.getField("CN")[0];
  const fingerprint = new Uint8Array(await certificate.getThumbprint("SHA-256"));
  return {
    title: commonName ?? names[0]?.value ?? (certificate.subject || "A certificate without name"),
    details: [
      ["Subject", certificate.subject],
      ["Issuer", issuer(certificate)],
      ["Names", names.map(({ value }) => value).join(", ")],
      ["Valid from", date(certificate.notBefore)],
      ["Valid until", `${date(certificate.notAfter)} (${distance(certificate.notAfter)})`],
      ["Public key", algorithm(certificate.publicKey.algorithm)],
      ["Signed with", algorithm(certificate.signatureAlgorithm)],
      ["Kind", isAuthority ? "certificate authority" : "server"],
      ["Serial number", certificate.serialNumber],
      ["SHA-256", hex(fingerprint)],
    ],
    outOfDate: outOfDate(certificate),
  };
}

function outOfDate({ notBefore, notAfter }: x509.X509Certificate): string | undefined {
  if (notBefore.getTime() > Date.now()) return "Valid from";
  return notAfter.getTime() < Date.now() ? "Valid until" : undefined;
}

function issuer({ issuer, subject }: x509.X509Certificate): string {
  return issuer === subject ? `${issuer} (itself)` : issuer;
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
