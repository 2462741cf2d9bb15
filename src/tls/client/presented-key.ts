/**
 * The key that a server presents, before anybody knows whose it is.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { type Certificate, parseCertificate } from "../../x509/certificate.ts";
import { checkMaySign } from "../../x509/may-sign.ts";
import { parsePublicKey } from "../../x509/public-key.ts";
import type { PresentedServer } from "../presented.ts";

/** The key of a certificate that nobody has verified, or the key itself. */
export function publicKeyOf(presented: PresentedServer): PublicKey {
  const first = firstOf(presented);
  if (presented.certificateType === "RawPublicKey") return parsePublicKey(first);
  const leaf = readable(first);
  checkMaySign(leaf);
  return parsePublicKey(leaf.subjectPublicKeyInfo);
}

/** @throws TlsError `certificate/missing`. */
export function firstOf({ certificates: [first] }: PresentedServer): Bytes {
  if (first !== undefined) return first;
  throw new TlsError("certificate/missing", "The server sent no certificate.");
}

/** Nobody judges the certificate, so one that is none is a message that can't be read. */
function readable(certificate: Bytes): Certificate {
  try {
    return parseCertificate(certificate);
  } catch (cause) {
    throw new TlsError(
      "handshake/decode-error",
      "What the server sent as its certificate is not one (RFC 5280 §4.1).",
      { cause },
    );
  }
}
