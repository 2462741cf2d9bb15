/**
 * Errors about stapled OCSP responses.
 *
 * @module
 */

import { TlsError, type TlsErrorCode } from "../../errors.ts";

/** The error for a response that says nothing that could be relied on. @param reason a clause. */
export function unreliable(reason: string, cause?: TlsError): TlsError {
  return new TlsError(
    "certificate/bad-status-response",
    `The OCSP response that the server stapled to its certificate can't be relied on: ${reason}. ` +
      "The server has to get a new one from its issuer's responder.",
    cause === undefined ? {} : { cause },
  );
}

/** What goes wrong where a response, or a certificate in it, is read. */
const unusable: readonly TlsErrorCode[] = [
  "certificate/malformed",
  "certificate/unsupported-algorithm",
  "certificate/weak-key",
];

/** Tells what is wrong with a response as what it is, not as something of the server's certificate. */
export function asUnreliable(error: unknown): unknown {
  if (!(error instanceof TlsError) || !unusable.includes(error.code)) return error;
  const [sentence = ""] = error.message.split(/\. /);
  const what = `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;
  // Certificates are all that else is signed, so the sentence speaks of them.
  const isOfSignature = error.code === "certificate/unsupported-algorithm";
  return unreliable(isOfSignature ? `its signature can't be verified, as ${what}` : what, error);
}
