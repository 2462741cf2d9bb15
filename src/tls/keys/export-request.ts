/**
 * What may be asked of an exporter.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";

/** Longest label, in bytes: with "tls13 " in front its length is one byte (RFC 8446 §7.1). */
const maxLabel = 249;

/** Longest context, in bytes: TLS 1.2 has two bytes for its length (RFC 5705 §4). */
const maxContext = 2 ** 16 - 1;

/** Longest output, in bytes: what HKDF makes with SHA-256 (RFC 5869 §2.3). */
const maxLength = 255 * 32;

/** What TLS 1.2 derives with its own labels would be given away (RFC 5705 §4). */
const ownLabels = [
  "client finished",
  "server finished",
  "master secret",
  "extended master secret",
  "key expansion",
];

/**
 * Checks what is asked of an exporter; the bounds are those that hold in either version.
 *
 * @throws TlsError `configuration/invalid-option`.
 */
export function checkExport(label: string, context: Uint8Array | undefined, length: number): void {
  const isAscii = typeof label === "string" && /^[\x20-\x7e]*$/.test(label);
  if (!isAscii || label.length > maxLabel) {
    throw invalid("label", `at most ${maxLabel} characters of ASCII`);
  }
  if (ownLabels.includes(label)) throw invalid("label", "none of those that TLS itself uses");
  const isContext = context === undefined || context instanceof Uint8Array;
  if (!isContext || (context !== undefined && context.length > maxContext)) {
    throw invalid("context", `undefined, or a Uint8Array of at most ${maxContext} bytes`);
  }
  if (!Number.isInteger(length) || length < 1 || length > maxLength) {
    throw invalid("length", `1 to ${maxLength} bytes`);
  }
}

function invalid(argument: string, expected: string): TlsError {
  return new TlsError(
    "configuration/invalid-option",
    `The ${argument} of exported keying material is not valid: expected ${expected}.`,
  );
}
