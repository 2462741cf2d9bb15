/**
 * Types of certificates (RFC 7250 §3).
 *
 * @module
 */

import type { CertificateTypeName } from "../server-options.ts";

/** CertificateType: the numbers of its registry that are spoken here. */
export const certificateType: Readonly<Record<CertificateTypeName, number>> = {
  X509: 0,
  RawPublicKey: 2,
};

/** The name of a type; undefined for one that is not spoken here. */
export function certificateTypeName(number: number): CertificateTypeName | undefined {
  const names: readonly CertificateTypeName[] = ["X509", "RawPublicKey"];
  return names.find((name) => certificateType[name] === number);
}
