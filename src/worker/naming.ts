/**
 * Stands for `x509/describe-name.ts` in the worker's bundle: only where an error is written out does a
 * name have to be read.
 *
 * @module
 */

import { type Bytes, toHex } from "../crypto/bytes.ts";
import { nameSaid, said } from "./wording.ts";

/** A reference to what `x509/describe-name.ts` says of a name. @param name DER. */
export function describeName(name: Bytes): string {
  return said(nameSaid, toHex(name));
}
