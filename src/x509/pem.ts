/**
 * PEM (RFC 7468): blocks of base64 between lines that say what is in them.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { bytesFromBase64 } from "./base64.ts";

const begin = "-----BEGIN ";

/** One block, as it stands there. */
export interface PemBlock {
  /** E.g. `"CERTIFICATE"`. */
  readonly label: string;
  /** What is between its lines. */
  readonly text: string;
}

/** Makes an error of what was found, a noun with what is wrong with it. */
type Fail = (found: string) => TlsError;

/**
 * Certificates in PEM to DER, in their order. Text around them is let pass (RFC 7468 §2), and so
 * are lines of any length, as they are in use.
 *
 * @throws TlsError `certificate/malformed` where there is none, something else than a certificate,
 * or a block that is not whole.
 */
export function certificatesFromPem(pem: string): Bytes[] {
  const blocks = pemBlocks(pem, malformed);
  const other = blocks.find(({ label }) => label !== "CERTIFICATE");
  if (other !== undefined) throw malformed(`"${other.label}" where "CERTIFICATE" was expected`);
  if (blocks.length === 0) throw malformed('no "-----BEGIN CERTIFICATE-----"');
  return blocks.map(({ text }, index) => bytesOfBlock(text, `certificate ${index + 1}`, malformed));
}

/**
 * A SubjectPublicKeyInfo in PEM (RFC 7468 §13) to DER.
 *
 * @throws TlsError `certificate/malformed` where there is not one block, or another than this.
 */
export function publicKeyFromPem(pem: string): Bytes {
  const fail = (found: string) =>
    new TlsError(
      "certificate/malformed",
      `The PEM has ${found}. Expected is one block of base64 between "-----BEGIN PUBLIC KEY-----" and "-----END PUBLIC KEY-----".`,
    );
  const [block, ...others] = pemBlocks(pem, fail);
  if (block === undefined || others.length > 0) throw fail(`${block ? "several" : "no"} blocks`);
  if (block.label !== "PUBLIC KEY") throw fail(`"${block.label}"`);
  return bytesOfBlock(block.text, "a public key", fail);
}

/** The blocks of a text, in their order. What stands around them is let pass. */
export function pemBlocks(pem: string, fail: Fail): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = pem.indexOf(begin); at >= 0; at = pem.indexOf(begin, at)) {
    const label = /^[^-\n]*(?=-----)/.exec(pem.slice(at + begin.length, at + 100))?.[0] ?? "";
    if (label === "") throw fail("a broken line");
    const start = at + begin.length + label.length + 5;
    const end = pem.indexOf("-----", start);
    const endLine = `-----END ${label}-----`;
    if (end < 0 || !pem.startsWith(endLine, end)) {
      throw fail(`block ${blocks.length + 1} without its END line`);
    }
    blocks.push({ label, text: pem.slice(start, end) });
    at = end + endLine.length;
  }
  return blocks;
}

/** Base64 with padding (RFC 4648 §4, RFC 7468 §2); white space anywhere. @param what a noun. */
export function bytesOfBlock(text: string, what: string, fail: Fail): Bytes {
  const digits = text.replace(/[ \t\r\n\v\f]/g, "");
  if (digits === "" || digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(digits)) {
    throw fail(`${what} with base64 that is not valid`);
  }
  return bytesFromBase64(digits);
}

function malformed(found: string): TlsError {
  return new TlsError(
    "certificate/malformed",
    `The PEM has ${found}. Expected are blocks of base64 between "-----BEGIN CERTIFICATE-----" ` +
      'and "-----END CERTIFICATE-----".',
  );
}
