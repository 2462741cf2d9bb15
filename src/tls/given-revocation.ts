/**
 * Reads the option `revocation`.
 *
 * @module
 */

import { type Bytes, concat } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { checkOneOf, checkOptionNames, invalidOption } from "../errors.ts";
import type { CrlPolicy } from "../x509/crl/condition.ts";
import { readCrls } from "../x509/crl/read.ts";
import { checkBoolean, checkObject } from "./caller-options.ts";
import type { RevocationOptions } from "./revocation-options.ts";
import { isPemOrDer } from "./trust-options.ts";

/** CRLs that have been read, with what tells them from others. */
export interface Revocation extends CrlPolicy {
  /** SHA-256 of all that what it accepts depends on. */
  readonly mark: Bytes;
}

const optionNames = [
  "crls",
  "depth",
  "dangerousAllowUnknownStatus",
] as const satisfies readonly (keyof RevocationOptions)[];

/** @throws TlsError `configuration/invalid-option`, `certificate/bad-crl`; each says which one. */
export async function readRevocation(option: RevocationOptions): Promise<Revocation> {
  checkObject("revocation", option);
  checkOptionNames(option, optionNames, "revocation");
  const { depth = "chain", dangerousAllowUnknownStatus: allowsUnknownStatus = false } = option;
  checkOneOf("revocation.depth", depth, ["chain", "leaf"]);
  checkBoolean("revocation.dangerousAllowUnknownStatus", allowsUnknownStatus);
  const sources = [option.crls].flat();
  if (sources.length === 0 || !sources.every((source) => isPemOrDer(source, "X509 CRL"))) {
    throw invalidOption("revocation.crls", "CRLs in PEM or DER, or a list with one");
  }
  const crls = readCrls(sources);
  const digests = await Promise.all(crls.map(({ der }) => platformCrypto.digest("SHA-256", der)));
  const how = Uint8Array.of(depth === "leaf" ? 1 : 0, allowsUnknownStatus ? 1 : 0);
  const mark = await platformCrypto.digest("SHA-256", concat(how, ...digests));
  return { crls, depth, allowsUnknownStatus, mark };
}
