/**
 * CRLs to begin with.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import {
  crlNumber,
  crlOf,
  issuingDistributionPoint,
  pointNames,
  reasonCode,
  revokedEntry,
} from "../../crls.ts";
import {
  commonName,
  element,
  extension,
  generalizedTime,
  text,
  utcTime,
} from "../../der-writer.ts";
import { ed25519Signer } from "./signers.ts";

/** CRLs with all that is read in them. */
export function fullCrls(): readonly Bytes[] {
  const { keys } = ed25519Signer("authority");
  const authority = { certificate: new Uint8Array(), keys };
  const date = new Date("2026-01-02T03:04:05Z");
  const times = { thisUpdate: date, nextUpdate: utcTime("491231235959Z") };
  const common = { issuer: commonName("authority"), ...times };
  const invalidityDate = extension("2.5.29.24", false, generalizedTime("20251231000000Z"));
  const revoked = [
    revokedEntry(Uint8Array.of(1), date),
    revokedEntry(Uint8Array.of(0, 0x80), date, reasonCode(1), invalidityDate),
  ];
  const names = pointNames(text(0x86, "http://ca.example/root.crl"));
  const flag = element(0x81, Uint8Array.of(0xff));
  const extensions = [crlNumber(), issuingDistributionPoint(names, flag)];
  return [crlOf(authority, common), crlOf(authority, { ...common, revoked, extensions })];
}
