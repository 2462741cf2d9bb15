/**
 * The MAC of PKCS#12 files: as they have always had it (RFC 7292 §4 and appendix B), by `pkijs`; and
 * PBMAC1 (RFC 9579).
 *
 * @module
 */

import { CryptoEngine, type MacData, PBES2Params, type PFX } from "pkijs";
import type { Bytes } from "../crypto/bytes.ts";
import { type Pbmac1, verifyPbmac1 } from "../crypto/webcrypto/pbkdf2.ts";
import { subtleFor } from "../crypto/webcrypto/subtle.ts";
import { checkIterations, parsed, readDerivation, readHmac } from "./encrypted.ts";
import { badFile, unsupportedFile } from "./files.ts";

/** By their hash; the others of SHA-2 are in nobody's files. */
const hashes: ReadonlyMap<string, string> = new Map([
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/** RFC 8018 appendix A.5. */
const pbmac1 = "1.2.840.113549.1.5.14";

/** The key of the older MAC is made in JavaScript, in about a microsecond a round. */
const maxMacIterations = 2_000_000;

const remedy =
  'Convert it: "openssl pkcs12 -in old.p12 -nodes -out both.pem", then "openssl pkcs12 -export -in both.pem -out new.p12", and delete both.pem.';

/** @throws TlsError `identity/bad-file`, `identity/unsupported-file`. */
export async function isMacGood(
  { authSafe }: PFX,
  { mac, macSalt, iterations = 1 }: MacData,
  password: string,
): Promise<boolean> {
  subtleFor("HMAC");
  const secret = new TextEncoder().encode(password);
  const content = new Uint8Array(authSafe.content.getValue());
  const digest = Uint8Array.from(mac.digest.valueBlock.valueHexView);
  const { algorithmId, algorithmParams } = mac.digestAlgorithm;
  if (algorithmId === pbmac1) {
    return verifyPbmac1(readPbmac1(algorithmParams), secret, digest, content);
  }
  const hashAlgorithm = hashes.get(algorithmId);
  if (hashAlgorithm === undefined) {
    throw unsupportedFile(`has a MAC that is not known here (${algorithmId})`, remedy);
  }
  checkIterations(iterations, maxMacIterations);
  return new CryptoEngine({ name: "", crypto }).verifyDataStampedWithPassword({
    password: secret.buffer,
    hashAlgorithm,
    salt: bufferOf(macSalt.valueBlock.valueHexView),
    iterationCount: iterations,
    contentToVerify: content.buffer,
    signatureToVerify: digest.buffer,
  });
}

/** PBMAC1-params: of the same form as those of PBES2, with an HMAC in the place of a cipher. */
function readPbmac1(schema: unknown): Pbmac1 {
  return parsed(() => {
    const { keyDerivationFunc, encryptionScheme } = new PBES2Params({ schema });
    const hash = readHmac(encryptionScheme, remedy);
    const { keyLength, ...derivation } = readDerivation(keyDerivationFunc, remedy);
    // RFC 9579 §5: it has to be there. A shorter key than any that is in use is none.
    if (keyLength === undefined || keyLength < minKeyLength || keyLength > maxKeyLength) {
      throw badFile("its MAC has a key of no good length");
    }
    return { derivation, keyLength: keyLength * 8, hash };
  });
}

/** In bytes. */
const minKeyLength = 20;
const maxKeyLength = 64;

function bufferOf(bytes: Uint8Array): Bytes["buffer"] {
  return Uint8Array.from(bytes).buffer;
}
