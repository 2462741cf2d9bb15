/**
 * An OCSP responder for tests (RFC 6960 §4.2): answers right or wrong on purpose, each part of them
 * written by hand.
 *
 * @module
 */

import { createHash, sign } from "node:crypto";
import { type Bytes, concat } from "../src/crypto/bytes.ts";
import { parseCertificate } from "../src/x509/certificate.ts";
import { readDer, tag } from "../src/x509/der.ts";
import type { Issued, Keys } from "./authority.ts";
import {
  bitString,
  element,
  generalizedTime,
  nothing,
  octets,
  oid,
  sequence,
} from "./der-writer.ts";

/** Purpose of a responder's certificate (RFC 6960 §4.2.2.2). */
export const ocspSigning = "1.3.6.1.5.5.7.3.9";

/** id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1), as it stands in a responder's certificate. */
export const noCheck = { oid: "1.3.6.1.5.5.7.48.1.5", value: nothing() };

/** TLS feature "status_request" (RFC 7633), as it stands in a certificate that demands stapling. */
export const mustStaple = {
  oid: "1.3.6.1.5.5.7.1.24",
  value: sequence(element(0x02, Uint8Array.of(5))),
};

const hour = 60 * 60 * 1000;

/** CertStatus (RFC 6960 §4.2.1). */
export const certStatus = {
  good: element(0x80),
  unknown: element(0x82),
  /** @param reason CRLReason (RFC 5280 §5.3.1); none where it is left out. */
  revoked: (since = new Date(Date.now() - 24 * hour), reason?: number) =>
    element(
      0xa1,
      time(since),
      ...(reason === undefined ? [] : [element(0xa0, element(0x0a, Uint8Array.of(reason)))]),
    ),
};

/** A time as OCSP has it: whole seconds. */
export function time(date: Date): Bytes {
  return generalizedTime(`${date.toISOString().replace(/[-:T]|\.\d+/g, "")}`);
}

const hashOids = {
  sha1: "1.3.14.3.2.26",
  sha224: "2.16.840.1.101.3.4.2.4",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
} as const;

/** What is needed of who signs, and of whom it is about. */
type Signing = Pick<Issued, "certificate" | "keys">;
type Subject = Pick<Issued, "certificate">;

/** One SingleResponse; what is left out is as it should be. */
export interface AnswerPieces {
  /** Default: SHA-1, as most responders have it. */
  readonly hash?: keyof typeof hashOids;
  /** The certificate's own by default. */
  readonly issuerName?: Uint8Array;
  readonly issuerKey?: Uint8Array;
  /** INTEGER. */
  readonly serial?: Uint8Array;
  /** Default: good. */
  readonly status?: Uint8Array;
  /** Default: an hour ago. */
  readonly thisUpdate?: Date;
  /** Default: an hour ahead. */
  readonly nextUpdate?: Date | "none";
  readonly extensions?: readonly Uint8Array[];
}

/** A whole response; what is left out is as it should be. */
export interface ResponsePieces {
  /** Default: one, good. */
  readonly answers?: readonly (AnswerPieces | Uint8Array)[];
  readonly version?: Uint8Array;
  /** Default: byKey, the key of who signs. */
  readonly responder?: "name" | "key" | Uint8Array;
  /** Default: now. */
  readonly producedAt?: Date;
  readonly extensions?: readonly Uint8Array[];
  /** Who signs. Default: the issuer. */
  readonly signer?: Signing;
  /** Default: that of the signer, unless it is the issuer. */
  readonly certificates?: readonly Uint8Array[];
  readonly algorithm?: Uint8Array;
  readonly hash?: string;
  /** Default: made with the signer's key. */
  readonly signature?: Uint8Array;
  readonly after?: Uint8Array;
}

/** DER of an OCSPResponse about a certificate. */
export function ocspResponse(issuer: Signing, leaf: Subject, pieces: ResponsePieces = {}): Bytes {
  return responseOf(basicResponse(issuer, leaf, pieces));
}

/** An OCSPResponse that holds an answer. */
export function responseOf(basic: Uint8Array, type = "1.3.6.1.5.5.7.48.1.1"): Bytes {
  const bytes = sequence(oid(type), octets(basic));
  return sequence(element(0x0a, Uint8Array.of(0)), element(0xa0, bytes));
}

/** An OCSPResponse without an answer. @param status OCSPResponseStatus. */
export function failureResponse(status: number): Bytes {
  return sequence(element(0x0a, Uint8Array.of(status)));
}

/** DER of a BasicOCSPResponse. */
export function basicResponse(issuer: Signing, leaf: Subject, pieces: ResponsePieces): Bytes {
  const { signer = issuer, answers = [{}] } = pieces;
  const { certificates = signer === issuer ? [] : [signer.certificate] } = pieces;
  const data = sequence(
    pieces.version ?? new Uint8Array(),
    responderId(signer, pieces.responder ?? "key"),
    time(pieces.producedAt ?? new Date()),
    sequence(
      ...answers.map((answer) =>
        answer instanceof Uint8Array ? answer : singleResponse(issuer, leaf, answer),
      ),
    ),
    ...(pieces.extensions === undefined ? [] : [element(0xa1, sequence(...pieces.extensions))]),
  );
  return sequence(
    data,
    pieces.algorithm ?? signatureAlgorithm(signer.keys),
    pieces.signature ?? bitString(signatureOf(signer.keys, data, pieces.hash)),
    ...(certificates.length === 0 ? [] : [element(0xa0, sequence(...certificates))]),
    pieces.after ?? new Uint8Array(),
  );
}

/** DER of a SingleResponse. */
export function singleResponse(issuer: Signing, leaf: Subject, pieces: AnswerPieces): Bytes {
  const { hash = "sha1", nextUpdate = new Date(Date.now() + hour) } = pieces;
  const { issuer: issuerName, serialNumber } = parseCertificate(leaf.certificate);
  return sequence(
    sequence(
      sequence(oid(hashOids[hash]), nothing()),
      octets(digest(hash, pieces.issuerName ?? issuerName)),
      octets(digest(hash, pieces.issuerKey ?? keyBits(issuer.keys))),
      pieces.serial ?? element(0x02, serialNumber),
    ),
    pieces.status ?? certStatus.good,
    time(pieces.thisUpdate ?? new Date(Date.now() - hour)),
    ...(nextUpdate === "none" ? [] : [element(0xa0, time(nextUpdate))]),
    ...(pieces.extensions === undefined ? [] : [element(0xa1, sequence(...pieces.extensions))]),
  );
}

function responderId({ certificate, keys }: Signing, by: "name" | "key" | Uint8Array): Uint8Array {
  if (by === "name") return element(0xa1, parseCertificate(certificate).subject);
  if (by === "key") return element(0xa2, octets(digest("sha1", keyBits(keys))));
  return by;
}

/** The bits of a public key, as its hashes are made of them. */
export function keyBits({ publicKey }: Keys): Bytes {
  const der = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  return readDer(der, "a test", (reader) =>
    reader.inside(tag.sequence, (info) => {
      info.whole(tag.sequence);
      return info.bitStringOfBytes();
    }),
  );
}

function digest(hash: keyof typeof hashOids, data: Uint8Array): Bytes {
  return new Uint8Array(createHash(hash).update(data).digest());
}

/** AlgorithmIdentifier of what {@link ocspResponse} signs with: SHA-256, or Ed25519. */
function signatureAlgorithm({ type }: Keys): Bytes {
  if (type === "ed25519") return sequence(oid("1.3.101.112"));
  if (type.startsWith("rsa")) return sequence(oid("1.2.840.113549.1.1.11"), nothing());
  return sequence(oid("1.2.840.10045.4.3.2"));
}

function signatureOf({ type, privateKey }: Keys, data: Uint8Array, hash = "sha256"): Bytes {
  return new Uint8Array(sign(type === "ed25519" ? null : hash, data, privateKey));
}

/** A response with one of its bytes changed. */
export function withFlippedByte(response: Bytes, at: number): Bytes {
  const index = at < 0 ? response.length + at : at;
  return concat(
    response.subarray(0, index),
    Uint8Array.of((response[index] ?? 0) ^ 1),
    response.subarray(index + 1),
  );
}
