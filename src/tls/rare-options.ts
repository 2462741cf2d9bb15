/**
 * The check of options that few connections have. In the worker it is loaded for those.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import type { CertificateDecompressor } from "./compression/decompressor.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { checkEchOptions } from "./ech-options.ts";
import { checkIdentityOption } from "./identity/identity.ts";
import { allowsTls13, cipherSuiteNames, type TlsOptions, versionOfSuite } from "./options.ts";
import { checkPskOptions, type ExternalPsk } from "./psk-options.ts";
import { checkRecordOptions } from "./record-options.ts";

/** @throws TlsError `configuration/invalid-option`, which names the option. */
export function checkRareOptions(options: ConnectionOptions): void {
  checkRecordOptions(options);
  checkPskOptions(options);
  checkEchOptions(options);
  if (options.pskOnly && !allowsTls13(options)) {
    throw invalidOption("pskOnly", "TLS 1.3 and a suite of it among those allowed");
  }
  if (options.pskOnly && !(options.psk ?? []).some((psk) => hasSuiteFor(psk, options))) {
    throw invalidOption("pskOnly", "a key in psk for the hash of one of cipherSuites");
  }
  checkDecompressors(options.certificateDecompressors);
  if (options.identity !== undefined) checkIdentityOption(options.identity);
}

/** Whether a suite goes with the key (RFC 8446 §4.2.11); an imported one has a key for each hash. */
function hasSuiteFor(
  { hash = "SHA-256", importer }: ExternalPsk,
  { cipherSuites = cipherSuiteNames }: TlsOptions,
): boolean {
  const ending = hash.replace("-", "");
  const suites = cipherSuites.filter((suite) => versionOfSuite(suite) === "TLSv1.3");
  return importer !== undefined || suites.some((suite) => suite.endsWith(ending));
}

function checkDecompressors(list: readonly CertificateDecompressor[] | undefined): void {
  if (list === undefined) return;
  const isRight = (entry: CertificateDecompressor) =>
    Number.isInteger(entry?.algorithm) &&
    entry.algorithm > 0 &&
    entry.algorithm < 2 ** 16 &&
    typeof entry.decompress === "function";
  const areDistinct = () => new Set(list.map(({ algorithm }) => algorithm)).size === list.length;
  if (Array.isArray(list) && list.every(isRight) && areDistinct()) return;
  throw invalidOption(
    "certificateDecompressors",
    "a list of objects with an algorithm (a number, each once) and a method decompress",
  );
}
