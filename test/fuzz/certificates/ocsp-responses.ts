/**
 * OCSP responses to begin with, and all that is read of one.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { parseOcspResponse } from "../../../src/x509/ocsp/response.ts";
import { parseSignatureAlgorithm } from "../../../src/x509/signature.ts";
import {
  bitString,
  element,
  extension,
  generalizedTime,
  integer,
  nothing,
  octets,
  oid,
  sequence,
} from "../../der-writer.ts";
import { certStatus, failureResponse, responseOf } from "../../ocsp.ts";
import { readOrRefused } from "../../properties.ts";

const since = generalizedTime("20260101000000Z");
const until = generalizedTime("20260108000000Z");
const hash = (fill: number) => octets(new Uint8Array(20).fill(fill));
const certId = sequence(
  sequence(oid("1.3.14.3.2.26"), nothing()),
  hash(1),
  hash(2),
  integer(1, 2, 3),
);
/** id-pkix-ocsp-nonce (RFC 9654 §2.1). */
const nonce = element(0xa1, sequence(extension("1.3.6.1.5.5.7.48.1.2", false, hash(3))));

/** Signed by nobody. */
function responseBy(responder: Bytes, answers: readonly Bytes[], certificates: readonly Bytes[]) {
  const data = sequence(responder, since, sequence(...answers), nonce);
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const held = certificates.length === 0 ? [] : [element(0xa0, sequence(...certificates))];
  return responseOf(sequence(data, algorithm, bitString(hash(4)), ...held));
}

/** @param certificates in DER, one of which is the responder's. */
export function ocspResponses(certificates: readonly Bytes[]): readonly Bytes[] {
  const revoked = certStatus.revoked(new Date("2026-01-02T03:04:05Z"), 1);
  const [responder] = certificates;
  return [
    responseBy(
      element(0xa2, hash(5)),
      [sequence(certId, certStatus.good, since, element(0xa0, until))],
      [],
    ),
    responseBy(
      element(0xa1, sequence()),
      [
        sequence(certId, revoked, since),
        sequence(certId, certStatus.unknown, since, element(0xa0, until), nonce),
      ],
      responder === undefined ? [] : [responder],
    ),
    failureResponse(3),
  ];
}

/** Reads a response, and all that is put off until it is verified. */
export function readOcspResponse(der: Bytes): void {
  const response = parseOcspResponse(der);
  if (response.status !== "successful") return;
  const { signatureAlgorithm, certificates } = response.basic;
  readOrRefused(() => parseSignatureAlgorithm(signatureAlgorithm));
  for (const certificate of certificates) readOrRefused(() => parseCertificate(certificate));
}
