/**
 * Certificates that clients issue to themselves, for servers that are told of each one.
 *
 * @module
 */

import { randomBytes } from "../crypto/random.ts";
import { checkOptionNames, invalidOption } from "../errors.ts";
import { loaded } from "../loaded.ts";
import type { CryptoKeyIdentity } from "./attach.ts";
import type { Term } from "./peculiar.ts";
import { type CertificateOptions, certificateOptionNames, readContent } from "./request.ts";

/** Options of {@link createSelfSigned}. */
export interface SelfSignedOptions extends CertificateOptions {
  /** Default: an hour ago, for servers whose clocks are slow. */
  notBefore?: Date;
  /** Default: a year after the beginning. */
  notAfter?: Date;
}

/**
 * Makes a certificate for a client, signed by the key that it is for: an end entity's, for the purpose
 * clientAuth, with a random serial number. The server has to be told of it: `inspectCertificate()`
 * gives it in PEM.
 *
 * @returns what the option `identity` takes.
 * @throws TlsError `configuration/invalid-option`, `configuration/unsupported-platform`.
 */
export async function createSelfSigned(options: SelfSignedOptions): Promise<CryptoKeyIdentity> {
  const known = [...certificateOptionNames, "notBefore", "notAfter"];
  checkOptionNames(options, known, "createSelfSigned()");
  const content = readContent(options);
  const term = readTerm(options);
  const { writeSelfSigned } = await loaded(import("./peculiar.ts"));
  return { certificates: [await writeSelfSigned(content, term)], key: content.keys.privateKey };
}

const hour = 60 * 60 * 1000;

function readTerm({
  notBefore = new Date(Date.now() - hour),
  notAfter = new Date(Number(notBefore) + 365 * 24 * hour),
}: SelfSignedOptions): Term {
  checkDate("notBefore", notBefore);
  checkDate("notAfter", notAfter);
  if (notAfter <= notBefore) throw invalidOption("notAfter", "a time after notBefore");
  return { notBefore, notAfter, serialNumber: randomSerialNumber() };
}

/** RFC 5280 §4.1.2.5: the years from 1950 to 2049 in one form, up to 9999 in the other. */
function checkDate(option: string, date: Date): void {
  const year = date instanceof Date ? date.getUTCFullYear() : Number.NaN;
  if (year >= 1950 && year <= 9999) return;
  throw invalidOption(option, "a Date in the years from 1950 to 9999");
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. Sixteen, and 126 bits of them by chance. */
function randomSerialNumber(): Term["serialNumber"] {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}
