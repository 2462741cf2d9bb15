/**
 * What an OCSP response says of a certificate, once it is known who says so and when (RFC 6960
 * §3.2).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { Certificate } from "../certificate.ts";
import { timestampListOid } from "../ct/timestamp-extension.ts";
import type { Extension } from "../extensions.ts";
import { certIdTest, type Named } from "./certificate-id.ts";
import { asUnreliable, unreliable } from "./errors.ts";
import { checkSigner, type SignatureCheck } from "./responder.ts";
import {
  type BasicOcspResponse,
  type CertStatus,
  type OcspFailure,
  parseOcspResponse,
  type SingleResponse,
} from "./response.ts";

/**
 * How far clocks may be apart, in milliseconds: five minutes, as OpenSSL's tools take it. Some
 * responders sign at the moment they are asked, and by their own clock.
 */
const clockTolerance = 5 * 60 * 1000;

/**
 * How old a response may be that does not say when there is a newer one, in milliseconds: seven days.
 * RFC 6960 §4.2.2.1 has it that there always is a newer one; but the server may not know.
 */
const maxAge = 7 * 24 * 60 * 60 * 1000;

/** What a response comes to: the certificate is good, or the responder has no answer. */
export type OcspVerdict =
  | {
      readonly status: "good";
      /** About the certificate: at least one. */
      readonly responses: readonly SingleResponse[];
      /** When the first of them ends. */
      readonly until: Date;
    }
  | { readonly status: OcspFailure };

/**
 * Verifies a response: who has signed it, that it is about this certificate, that it is of now, and
 * that the certificate is good.
 *
 * @param response DER of an OCSPResponse.
 * @param issuer of the certificate.
 * @throws TlsError `certificate/revoked`; `certificate/bad-status-response`;
 * `certificate/budget-exceeded`.
 */
export async function verifyOcspResponse(
  response: Bytes,
  certificate: Certificate,
  issuer: Named,
  check: SignatureCheck,
): Promise<OcspVerdict> {
  try {
    return await verify(response, certificate, issuer, check);
  } catch (error) {
    throw asUnreliable(error);
  }
}

async function verify(
  response: Bytes,
  certificate: Certificate,
  issuer: Named,
  check: SignatureCheck,
): Promise<OcspVerdict> {
  const parsed = parseOcspResponse(response);
  if (parsed.status !== "successful") return parsed;
  const { basic } = parsed;
  const about = await responsesAbout(basic, certificate, issuer, check);
  await checkSigner(basic, issuer, check);
  checkExtensions(basic.extensions, []);
  for (const { extensions } of about) checkExtensions(extensions, [timestampListOid.ocspResponse]);
  // It does not matter how old it is: a certificate that is revoked stays so.
  for (const { status } of about) if (status.kind === "revoked") throw revoked(status);
  // There may be several, with hashes of several kinds.
  if (new Set(about.map(({ certId }) => certId.hashAlgorithm)).size < about.length) {
    throw unreliable("it says twice how the server's certificate is");
  }
  checkIsPast("was made", basic.producedAt, check.now);
  for (const single of about) checkTimes(single, check.now);
  if (about.some(({ status }) => status.kind === "unknown")) {
    throw unreliable("its responder does not know the server's certificate");
  }
  const until = new Date(Math.min(...about.map(endOf)));
  return { status: "good", responses: about, until };
}

/** Those about the certificate: at least one. */
async function responsesAbout(
  { responses }: BasicOcspResponse,
  certificate: Certificate,
  issuer: Named,
  { crypto }: SignatureCheck,
): Promise<readonly SingleResponse[]> {
  const isMeant = certIdTest(crypto, certificate, issuer);
  const about: SingleResponse[] = [];
  for (const single of responses) if (await isMeant(single.certId)) about.push(single);
  if (about.length === 0) throw unreliable("it is about another certificate than the server's");
  return about;
}

/** RFC 6960 §4.4: none has to be known. The nonce answers one of a request that was never ours. */
function checkExtensions(extensions: ReadonlyMap<string, Extension>, known: readonly string[]) {
  const critical = [...extensions].filter(([, extension]) => extension.critical);
  const unknown = critical.map(([oid]) => oid).filter((oid) => !known.includes(oid));
  if (unknown.length === 0) return;
  throw unreliable(`it has critical extensions that webtls does not know (${unknown.join(", ")})`);
}

/** RFC 6960 §4.2.2.1. */
function checkTimes(single: SingleResponse, now: Date): void {
  const { thisUpdate, nextUpdate } = single;
  checkIsPast("holds from", thisUpdate, now);
  if (now.getTime() < endOf(single) + clockTolerance) return;
  const clock = `the clock says ${now.toISOString()}, unless it is fast`;
  if (nextUpdate !== undefined) {
    throw unreliable(`it has expired: it held until ${nextUpdate.toISOString()}, and ${clock}`);
  }
  throw unreliable(
    `it does not say how long it holds, and is older than seven days: it is of ` +
      `${thisUpdate.toISOString()}, and ${clock}`,
  );
}

/** In milliseconds since 1970. */
function endOf({ thisUpdate, nextUpdate }: SingleResponse): number {
  return nextUpdate?.getTime() ?? thisUpdate.getTime() + maxAge;
}

function checkIsPast(what: string, time: Date, now: Date): void {
  if (time.getTime() <= now.getTime() + clockTolerance) return;
  throw unreliable(
    `it ${what} ${time.toISOString()}, which lies in the future, as the clock says ` +
      `${now.toISOString()}. Most often this device's clock is slow: set it right, or wait`,
  );
}

function revoked({ since, reason }: CertStatus & { kind: "revoked" }): TlsError {
  return new TlsError(
    "certificate/revoked",
    `The server's certificate was revoked on ${since.toISOString()}` +
      `${reason === undefined ? "" : ` (${reason})`}. So says the OCSP response that the server ` +
      "itself staples. It has to get a new certificate, with a new key.",
  );
}
