/**
 * Certificates (RFC 5280 §4.1), read strictly. Everything refers into the DER that was given.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { equalPublic } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { constructed, type DerReader, primitive, readDer, tag } from "./der.ts";
import { type Extensions, readExtensions } from "./extensions.ts";

/** A certificate that has been read, not one that is trusted. */
export interface Certificate extends Extensions {
  /** The whole certificate. */
  readonly der: Bytes;
  /** 1 or 3 as people count, so one more than what is encoded. */
  readonly version: 1 | 3;
  /** DER of the AlgorithmIdentifier. */
  readonly signatureAlgorithm: Bytes;
  /** What is signed: DER of the TBSCertificate. */
  readonly signed: Bytes;
  readonly signature: Bytes;
  /** Content of the INTEGER, as CRLs and OCSP responses repeat it. */
  readonly serialNumber: Bytes;
  /** DER of the Name. */
  readonly issuer: Bytes;
  /** DER of the Name. */
  readonly subject: Bytes;
  readonly notBefore: Date;
  /** Included: the certificate is still valid within this second. */
  readonly notAfter: Date;
  /** DER. */
  readonly subjectPublicKeyInfo: Bytes;
}

/** DER of a Name without attributes. */
const emptyNameLength = 2;

/** Longest serial number, in bytes (RFC 5280 §4.1.2.2). */
const maxSerialLength = 20;

/**
 * Reads a certificate.
 *
 * Keys, signature algorithms and name constraints are read when they are used, and critical
 * extensions that are not understood are only noted: a server may present certificates that are not
 * needed.
 *
 * @throws TlsError `certificate/malformed`.
 */
export function parseCertificate(der: Bytes): Certificate {
  return readDer(der, "a certificate", (reader) =>
    reader.inside(tag.sequence, (certificate) => {
      const signed = certificate.whole(tag.sequence);
      const signatureAlgorithm = certificate.whole(tag.sequence);
      const signature = certificate.bitStringOfBytes();
      const fields = readDer(signed, "a certificate", (outer) =>
        outer.inside(tag.sequence, readTbsCertificate),
      );
      // RFC 5280 §4.1.1.2: what is signed names the same algorithm.
      if (!equalPublic(fields.signatureAlgorithm, signatureAlgorithm)) {
        throw reader.malformed("its two signature algorithms differ");
      }
      return { der, signed, signature, ...fields };
    }),
  );
}

/**
 * Reads certificates of which any may help: one that can't be read is no reason to refuse the others.
 *
 * @throws TlsError `certificate/malformed` for the first, where none can be read.
 */
export function parseReadable(certificates: readonly Bytes[]): Certificate[] {
  const readable: Certificate[] = [];
  const failures: TlsError[] = [];
  for (const der of certificates) {
    try {
      readable.push(parseCertificate(der));
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure !== undefined && readable.length === 0) throw failure;
  return readable;
}

type Fields = Omit<Certificate, "der" | "signed" | "signature">;

/** TBSCertificate (RFC 5280 §4.1.2). */
function readTbsCertificate(reader: DerReader): Fields {
  const version = readVersion(reader);
  // RFC 5280 §4.1.2.2: zero and negative numbers are to be handled gracefully.
  const serialNumber = reader.integer();
  if (serialNumber.length > maxSerialLength) {
    throw reader.malformed(`its serial number is longer than ${maxSerialLength} bytes`);
  }
  const signatureAlgorithm = reader.whole(tag.sequence);
  const issuer = reader.whole(tag.sequence);
  if (issuer.length <= emptyNameLength) throw reader.malformed("its issuer has no name");
  const [notBefore, notAfter] = reader.inside(tag.sequence, (validity) => [
    validity.time(),
    validity.time(),
  ]);
  const subject = reader.whole(tag.sequence);
  const subjectPublicKeyInfo = reader.whole(tag.sequence);
  const fields = {
    version,
    serialNumber,
    signatureAlgorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectPublicKeyInfo,
  };
  if (version === 1) return { ...fields, unknownCritical: [] };
  // RFC 5280 §4.1.2.8: unique identifiers are not to be used, but to be read.
  for (const identifier of [primitive(1), primitive(2)]) {
    if (reader.next === identifier) reader.bits(identifier);
  }
  const extensions = reader.optional(constructed(3), readExtensions);
  return { ...fields, ...(extensions ?? { unknownCritical: [] }) };
}

/** RFC 5280 §4.1.2.1. Version 1 is the default, so it is not written; nobody uses version 2. */
function readVersion(reader: DerReader): 1 | 3 {
  const encoded = reader.optional(constructed(0), (field) => field.smallUnsigned());
  if (encoded === undefined) return 1;
  if (encoded !== 2) throw reader.malformed(`its version is encoded as ${encoded}, not as 2`);
  return 3;
}
