/**
 * Certificate revocation lists (RFC 5280 §5), read strictly. Everything refers into the DER that was
 * given.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { SignatureAlgorithm } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { constructed, type DerReader, readDer, tag } from "../der.ts";
import { type Extension, readExtensionList } from "../extensions.ts";
import { parseSignatureAlgorithm } from "../signature.ts";
import { type CrlScope, readScope } from "./distribution-point.ts";
import { RevokedCertificates } from "./revoked.ts";
import { unusable } from "./unusable.ts";

/** A complete CRL of version 2 that has been read, not one that is trusted. */
export interface Crl {
  /** The whole CRL. */
  readonly der: Bytes;
  /** What is signed: DER of the TBSCertList. */
  readonly signed: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Bytes;
  /** DER of the Name. */
  readonly issuer: Bytes;
  readonly thisUpdate: Date;
  /** When the next one comes at the latest. */
  readonly nextUpdate: Date;
  readonly revoked: RevokedCertificates;
  readonly scope: CrlScope;
}

/** Longest CRL, in bytes: room for some 400,000 certificates. */
export const maxCrlLength = 0xffffff;

/** Longest CRL number, in bytes (RFC 5280 §5.2.3). */
const maxNumberLength = 20;

/**
 * Reads a CRL. It is refused as a whole where something in it can't be acted upon, be it about
 * another certificate (RFC 5280 §5.2 and §5.3).
 *
 * @param what names it in errors, e.g. `"the second CRL"`.
 * @throws TlsError `certificate/bad-crl`.
 */
export function parseCrl(der: Bytes, what = "a CRL"): Crl {
  try {
    return readDer(
      der,
      what,
      (reader) => reader.inside(tag.sequence, (list) => readCertificateList(list, der, what)),
      maxCrlLength,
    );
  } catch (error) {
    if (!(error instanceof TlsError) || error.code === "certificate/bad-crl") throw error;
    throw new TlsError("certificate/bad-crl", error.message);
  }
}

/** CertificateList (RFC 5280 §5.1.1). */
function readCertificateList(reader: DerReader, der: Bytes, what: string): Crl {
  const signed = reader.whole(tag.sequence);
  const outerAlgorithm = reader.whole(tag.sequence);
  const signature = reader.bitStringOfBytes();
  const readInner = (outer: DerReader) => outer.inside(tag.sequence, readTbsCertList(what));
  const { algorithm, ...fields } = readDer(signed, what, readInner, maxCrlLength);
  // RFC 5280 §5.1.1.2: what is signed names the same algorithm.
  if (!equalPublic(algorithm, outerAlgorithm)) {
    throw reader.malformed("its two signature algorithms differ");
  }
  return { der, signed, signature, signatureAlgorithm: readAlgorithm(algorithm, what), ...fields };
}

function readAlgorithm(identifier: Bytes, what: string): SignatureAlgorithm {
  try {
    return parseSignatureAlgorithm(identifier);
  } catch (cause) {
    throw unusable(
      what,
      "it is not signed with ECDSA, RSA or Ed25519 and SHA-256, SHA-384 or SHA-512",
      cause,
    );
  }
}

type Fields = Omit<Crl, "der" | "signed" | "signature" | "signatureAlgorithm"> & {
  readonly algorithm: Bytes;
};

/** TBSCertList (RFC 5280 §5.1.2). */
const readTbsCertList =
  (what: string) =>
  (reader: DerReader): Fields => {
    // RFC 5280 §5.1.2.1: version 2 is written as 1, and has the extensions that have to be there.
    if (!isNext(reader, tag.integer)) {
      throw unusable(what, "it is of version 1, without a cRLNumber");
    }
    if (reader.smallUnsigned() !== 1) throw reader.malformed("its version is none that exists");
    const algorithm = reader.whole(tag.sequence);
    const issuer = reader.whole(tag.sequence);
    const thisUpdate = reader.time();
    if (!isNext(reader, tag.utcTime, tag.generalizedTime))
      throw unusable(what, "it does not say until when it holds (nextUpdate)");
    const nextUpdate = reader.time();
    // Empty, it should not be there (RFC 5280 §5.1.2.6), but some authorities write it so.
    const hasEntries = isNext(reader, tag.sequence);
    const entries = hasEntries ? reader.content(tag.sequence) : new Uint8Array(0);
    const extensions = reader.optional(constructed(0), readExtensionList) ?? new Map();
    const scope = readExtensions(extensions, what);
    const revoked = new RevokedCertificates(entries, what);
    return { algorithm, issuer, thisUpdate, nextUpdate, revoked, scope };
  };

function isNext({ next }: DerReader, ...tags: readonly number[]): boolean {
  return next !== undefined && tags.includes(next);
}

/** CRL extensions (RFC 5280 §5.2). */
function readExtensions(extensions: ReadonlyMap<string, Extension>, what: string): CrlScope {
  const number = extensions.get(oid.cRLNumber);
  // RFC 5280 §5.2.3: it has to be there, and not critical.
  if (number === undefined) throw unusable(what, "it has no cRLNumber");
  if (number.critical) throw unusable(what, "its cRLNumber is critical");
  if (readDer(number.value, what, (value) => value.unsigned()).length > maxNumberLength) {
    throw unusable(what, `its cRLNumber is longer than ${maxNumberLength} bytes`);
  }
  if (extensions.has(oid.deltaCRLIndicator)) {
    throw unusable(what, "it is a delta CRL, and only complete ones are taken");
  }
  for (const [name, { critical }] of extensions) {
    if (critical && name !== oid.issuingDistributionPoint) {
      throw unusable(what, `it has a critical extension that webtls does not know (${name})`);
    }
  }
  const scope = extensions.get(oid.issuingDistributionPoint);
  return scope === undefined ? {} : readDer(scope.value, what, readScope(what));
}

const oid = {
  cRLNumber: "2.5.29.20",
  deltaCRLIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
} as const;
