import { TlsError } from "../../errors.ts";

/**
 * The error for a CRL that can't be acted upon.
 *
 * @param what names it, e.g. `"the second CRL"`.
 * @param reason a clause, e.g. `"it is a delta CRL"`.
 */
export function unusable(what: string, reason: string, cause?: unknown): TlsError {
  return new TlsError(
    "certificate/bad-crl",
    `Can't use ${what}: ${reason}. Its authority has to issue it otherwise, by RFC 5280 §5.`,
    cause === undefined ? {} : { cause },
  );
}
