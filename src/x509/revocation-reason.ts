/**
 * Why a certificate is revoked, as CRLs and OCSP responses say it (RFC 5280 §5.3.1).
 *
 * @module
 */

import type { DerReader } from "./der.ts";

/** ENUMERATED (X.690 §8.4). */
const enumerated = 0x0a;

/** CRLReason, by number; 7 is none. */
const reasons = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  undefined,
  "removeFromCRL",
  "privilegeWithdrawn",
  "aACompromise",
] as const;

/** A name of RFC 5280 §5.3.1. */
export type RevocationReason = NonNullable<(typeof reasons)[number]>;

/** Reads a CRLReason. @param expected its tag. Default: that of an ENUMERATED. */
export function readRevocationReason(
  reader: DerReader,
  expected: number = enumerated,
): RevocationReason {
  const [number = 0, ...rest] = reader.integer(expected);
  const reason = rest.length === 0 ? reasons[number] : undefined;
  if (reason === undefined) {
    throw reader.malformed(`there is no reason ${number}${rest.length > 0 ? "…" : ""} to revoke`);
  }
  return reason;
}
