/**
 * CRLs as callers give them.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import { bytesOfBlock, pemBlocks } from "../pem.ts";
import { type Crl, parseCrl } from "./crl.ts";

const label = "X509 CRL";

/**
 * Reads CRLs in DER, or in PEM (RFC 7468 §7) with several to a text. Errors name the one that is
 * meant by its place, from 0 on in the list and from 1 on in a text.
 *
 * @throws TlsError `certificate/bad-crl`.
 */
export function readCrls(sources: readonly (string | Uint8Array)[]): Crl[] {
  return sources.flatMap((source, index) => {
    const what = `revocation.crls[${index}]`;
    return typeof source === "string"
      ? fromPem(source, what)
      : [parseCrl(Uint8Array.from(source), what)];
  });
}

function fromPem(pem: string, what: string): Crl[] {
  const fail = (found: string) =>
    new TlsError(
      "certificate/bad-crl",
      `The PEM of ${what} has ${found}. Expected are blocks of base64 between ` +
        `"-----BEGIN ${label}-----" and "-----END ${label}-----".`,
    );
  const blocks = pemBlocks(pem, fail);
  if (blocks.length === 0) throw fail(`no "-----BEGIN ${label}-----"`);
  return blocks.map((block, index) => {
    const which = `CRL ${index + 1}`;
    if (block.label !== label) throw fail(`"${block.label}" where "${label}" was expected`);
    return parseCrl(bytesOfBlock(block.text, which, fail), `${which} of ${what}`);
  });
}
