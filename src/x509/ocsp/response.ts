/**
 * OCSP responses (RFC 6960 §4.2.1), read strictly. What they say is not yet known to be true:
 * `verify.ts` finds out. Everything refers into the DER that was given.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { constructed, type DerReader, primitive, readDer, tag } from "../der.ts";
import { type Extension, readExtensionList } from "../extensions.ts";
import { type RevocationReason, readRevocationReason } from "../revocation-reason.ts";

/** OCSPResponse: an answer, or why there is none. */
export type OcspResponse =
  | { readonly status: "successful"; readonly basic: BasicOcspResponse }
  | { readonly status: OcspFailure };

/** BasicOCSPResponse. */
export interface BasicOcspResponse {
  /** What is signed: DER of the ResponseData. */
  readonly signed: Bytes;
  /** DER of the AlgorithmIdentifier. */
  readonly signatureAlgorithm: Bytes;
  readonly signature: Bytes;
  readonly responder: ResponderId;
  readonly producedAt: Date;
  readonly responses: readonly SingleResponse[];
  /** By their OIDs. */
  readonly extensions: ReadonlyMap<string, Extension>;
  /** What may be of use to verify the signature, each in DER. */
  readonly certificates: readonly Bytes[];
}

/** ResponderID: by its Name in DER, or by the SHA-1 of its public key. */
export type ResponderId =
  | { readonly by: "name"; readonly name: Bytes }
  | { readonly by: "key"; readonly keyHash: Bytes };

/** What is said of one certificate. */
export interface SingleResponse {
  readonly certId: CertId;
  readonly status: CertStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  /** By their OIDs. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** CertID: which certificate is meant. */
export interface CertId {
  /** The whole of it. */
  readonly der: Bytes;
  /** OID. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Bytes;
  readonly issuerKeyHash: Bytes;
  /** Content of the INTEGER, as in `Certificate`. */
  readonly serialNumber: Bytes;
}

export type CertStatus =
  | { readonly kind: "good" | "unknown" }
  | {
      readonly kind: "revoked";
      readonly since: Date;
      readonly reason?: RevocationReason;
    };

/** OCSPResponseStatus by its numbers; 4 is not used. */
const responseStatuses = [
  "successful",
  "malformedRequest",
  "internalError",
  "tryLater",
  undefined,
  "sigRequired",
  "unauthorized",
] as const;
export type OcspFailure = Exclude<(typeof responseStatuses)[number], "successful" | undefined>;

/** id-pkix-ocsp-basic (RFC 6960 §4.2.1): the only type of answer there is. */
const basicType = "1.3.6.1.5.5.7.48.1.1";

/** ENUMERATED (X.690 §8.4), encoded as an INTEGER is. */
const enumerated = 0x0a;

/** @throws TlsError `certificate/malformed`. */
export function parseOcspResponse(der: Bytes): OcspResponse {
  return readDer(der, what, (outer) =>
    outer.inside(tag.sequence, (reader) => {
      const status = readResponseStatus(reader);
      if (status !== "successful") return { status };
      const response = reader.inside(constructed(0), (field) =>
        field.inside(tag.sequence, readResponseBytes),
      );
      const basic = readDer(response, what, (inner) => inner.inside(tag.sequence, readBasic));
      return { status, basic };
    }),
  );
}

/** How the response is named in errors. */
const what = "an OCSP response";

function readResponseStatus(reader: DerReader): "successful" | OcspFailure {
  const [number = 0, ...rest] = reader.integer(enumerated);
  const status = rest.length === 0 ? responseStatuses[number] : undefined;
  if (status === undefined) throw reader.malformed("its status is none that RFC 6960 knows");
  return status;
}

function readResponseBytes(reader: DerReader): Bytes {
  const type = reader.oid();
  if (type !== basicType) throw reader.malformed(`it is of the type ${type}, not ${basicType}`);
  return reader.content(tag.octetString);
}

function readBasic(reader: DerReader): BasicOcspResponse {
  const signed = reader.whole(tag.sequence);
  const signatureAlgorithm = reader.whole(tag.sequence);
  const signature = reader.bitStringOfBytes();
  const certificates = reader.optional(constructed(0), readCertificates) ?? [];
  const data = readDer(signed, what, (outer) => outer.inside(tag.sequence, readResponseData));
  return { signed, signatureAlgorithm, signature, certificates, ...data };
}

/** A SEQUENCE OF Certificate that may be empty, though it can be left out then. */
function readCertificates(reader: DerReader): Bytes[] {
  return reader.inside(tag.sequence, (inner) => {
    const certificates: Bytes[] = [];
    while (inner.next !== undefined) certificates.push(inner.whole(tag.sequence));
    return certificates;
  });
}

type ResponseData = Pick<
  BasicOcspResponse,
  "responder" | "producedAt" | "responses" | "extensions"
>;

/** Its version is 1, the default, so it is not written (X.690 §11.5). */
function readResponseData(reader: DerReader): ResponseData {
  return {
    responder: readResponderId(reader),
    producedAt: readTime(reader),
    responses: reader.list(readSingleResponse),
    extensions: reader.optional(constructed(1), readExtensionList) ?? new Map(),
  };
}

function readResponderId(reader: DerReader): ResponderId {
  if (reader.next === constructed(1)) {
    const name = reader.inside(constructed(1), (field) => field.whole(tag.sequence));
    return { by: "name", name };
  }
  const keyHash = reader.inside(constructed(2), (field) => field.content(tag.octetString));
  return { by: "key", keyHash };
}

function readSingleResponse(outer: DerReader): SingleResponse {
  return outer.inside(tag.sequence, (reader) => {
    const certId = readCertId(reader);
    const status = readCertStatus(reader);
    const thisUpdate = readTime(reader);
    const nextUpdate = reader.optional(constructed(0), readTime);
    const extensions = reader.optional(constructed(1), readExtensionList) ?? new Map();
    const single = { certId, status, thisUpdate, extensions };
    return nextUpdate === undefined ? single : { ...single, nextUpdate };
  });
}

function readCertId(outer: DerReader): CertId {
  const der = outer.whole(tag.sequence);
  return readDer(der, what, (whole) =>
    whole.inside(tag.sequence, (reader) => ({
      der,
      hashAlgorithm: reader.inside(tag.sequence, readHashAlgorithm),
      issuerNameHash: reader.content(tag.octetString),
      issuerKeyHash: reader.content(tag.octetString),
      serialNumber: reader.integer(),
    })),
  );
}

/** Parameters are NULL or absent, both of which are written (RFC 4055 §2.1). */
function readHashAlgorithm(reader: DerReader): string {
  const oid = reader.oid();
  if (reader.next !== undefined) reader.null();
  return oid;
}

function readCertStatus(reader: DerReader): CertStatus {
  if (reader.next === constructed(1)) return reader.inside(constructed(1), readRevokedInfo);
  const isGood = reader.next === primitive(0);
  // NULL under the tag of either.
  if (reader.content(primitive(isGood ? 0 : 2)).length > 0) {
    throw reader.malformed("a status holds something where nothing is to be");
  }
  return { kind: isGood ? "good" : "unknown" };
}

function readRevokedInfo(reader: DerReader): CertStatus {
  const since = readTime(reader);
  const reason = reader.optional(constructed(0), readRevocationReason);
  return { kind: "revoked", since, ...(reason === undefined ? {} : { reason }) };
}

/** OCSP has one form of time (RFC 6960 §4.2.1), certificates have two. */
function readTime(reader: DerReader): Date {
  if (reader.next !== tag.generalizedTime) throw reader.malformed("a time is not where it should");
  return reader.time();
}
