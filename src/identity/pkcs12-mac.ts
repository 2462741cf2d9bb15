/**
 * The MAC of PKCS#12 files (RFC 7292 §4 and appendix B), by `pkijs`.
 *
 * @module
 */

import { CryptoEngine, type MacData, type PFX } from "pkijs";
import { subtleFor } from "../crypto/webcrypto/subtle.ts";
import { checkIterations } from "./encrypted.ts";
import { unsupportedFile } from "./files.ts";

/** By their hash; the others of SHA-2 are in nobody's files. */
const hashes: ReadonlyMap<string, string> = new Map([
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/** The key of the MAC is made in JavaScript, in about a microsecond a round. */
const maxMacIterations = 2_000_000;

/** @throws TlsError `identity/unsupported-file`. */
export async function isMacGood(
  { authSafe }: PFX,
  { mac, macSalt, iterations = 1 }: MacData,
  password: string,
): Promise<boolean> {
  subtleFor("HMAC");
  const { algorithmId } = mac.digestAlgorithm;
  const hashAlgorithm = hashes.get(algorithmId);
  if (hashAlgorithm === undefined) {
    throw unsupportedFile(
      `has a MAC that is not known here (${algorithmId})`,
      'Convert it: "openssl pkcs12 -in old.p12 -nodes -out both.pem", then "openssl pkcs12 -export -in both.pem -out new.p12", and delete both.pem.',
    );
  }
  checkIterations(iterations, maxMacIterations);
  return new CryptoEngine({ name: "", crypto }).verifyDataStampedWithPassword({
    password: new TextEncoder().encode(password).buffer,
    hashAlgorithm,
    salt: bufferOf(macSalt.valueBlock.valueHexView),
    iterationCount: iterations,
    contentToVerify: authSafe.content.getValue(),
    signatureToVerify: bufferOf(mac.digest.valueBlock.valueHexView),
  });
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
