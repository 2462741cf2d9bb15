/**
 * Certificates in PEM (RFC 7468 §5).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { bytesFromBase64 } from "./base64.ts";

const begin = "-----BEGIN ";

/**
 * Certificates in PEM to DER, in their order. Text around them is let pass (RFC 7468 §2), and so
 * are lines of any length, as they are in use.
 *
 * @throws TlsError `certificate/malformed` where there is none, something else than a certificate,
 * or a block that is not whole.
 */
export function certificatesFromPem(pem: string): Bytes[] {
  const certificates: Bytes[] = [];
  for (let at = pem.indexOf(begin); at >= 0; at = pem.indexOf(begin, at)) {
    const label = /^[^-\n]*(?=-----)/.exec(pem.slice(at + begin.length, at + 100))?.[0] ?? "";
    if (label !== "CERTIFICATE") {
      const found = label === "" ? "a broken line" : `"${label}"`;
      throw malformed(`${found} where "CERTIFICATE" was expected`);
    }
    const start = at + begin.length + label.length + 5;
    const end = pem.indexOf("-----", start);
    const endLine = `-----END ${label}-----`;
    if (end < 0 || !pem.startsWith(endLine, end)) {
      throw malformed(`certificate ${certificates.length + 1} without its END line`);
    }
    certificates.push(fromBase64(pem.slice(start, end), certificates.length + 1));
    at = end + endLine.length;
  }
  if (certificates.length === 0) throw malformed('no "-----BEGIN CERTIFICATE-----"');
  return certificates;
}

/** Base64 with padding (RFC 4648 §4, RFC 7468 §2); white space anywhere. */
function fromBase64(text: string, number: number): Bytes {
  const digits = text.replace(/[ \t\r\n\v\f]/g, "");
  if (digits === "" || digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(digits)) {
    throw malformed(`certificate ${number} with base64 that is not valid`);
  }
  return bytesFromBase64(digits);
}

function malformed(found: string): TlsError {
  return new TlsError(
    "certificate/malformed",
    `The PEM has ${found}. Expected are blocks of base64 between "-----BEGIN CERTIFICATE-----" ` +
      'and "-----END CERTIFICATE-----".',
  );
}
