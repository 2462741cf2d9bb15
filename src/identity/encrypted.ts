/**
 * What is encrypted by a password in PKCS#8 and PKCS#12, opened. Loaded when there is such a file.
 *
 * @module
 */

import {
  type AlgorithmIdentifier,
  type EncryptedContentInfo,
  PBES2Params,
  PBKDF2Params,
  PKCS8ShroudedKeyBag,
} from "pkijs";
import type { Bytes } from "../crypto/bytes.ts";
import {
  decryptPbes2,
  type PasswordHash,
  type Pbes2,
  type Pbkdf2,
} from "../crypto/webcrypto/pbkdf2.ts";
import { TlsError } from "../errors.ts";
import { badFile, conversion, unsupportedFile, wrongPassword } from "./files.ts";

/** Most rounds that are gone to get a key from a password, or those of all parts: some seconds. */
const maxIterations = 10_000_000;

/** RFC 8018 appendix A.4. */
const pbes2 = "1.2.840.113549.1.5.13";
/** RFC 8018 appendix A.2. */
const pbkdf2 = "1.2.840.113549.1.5.12";

/** RFC 8018 appendix B.1. */
const hmacHashes: ReadonlyMap<string, PasswordHash> = new Map([
  ["1.2.840.113549.2.7", "SHA-1"],
  ["1.2.840.113549.2.9", "SHA-256"],
  ["1.2.840.113549.2.10", "SHA-384"],
  ["1.2.840.113549.2.11", "SHA-512"],
]);

/** RFC 3565 §4.1: AES-CBC, with the length of the key in bits. */
const keyLengths: ReadonlyMap<string, Pbes2["keyLength"]> = new Map([
  ["2.16.840.1.101.3.4.1.2", 128],
  ["2.16.840.1.101.3.4.1.22", 192],
  ["2.16.840.1.101.3.4.1.42", 256],
]);

/** What old files are encrypted by, and WebCrypto has none of (RFC 7292 appendix C, RFC 8018). */
const oldNames: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.12.1.1", "RC4 with 128 bits"],
  ["1.2.840.113549.1.12.1.2", "RC4 with 40 bits"],
  ["1.2.840.113549.1.12.1.3", "Triple DES"],
  ["1.2.840.113549.1.12.1.4", "Triple DES with two keys"],
  ["1.2.840.113549.1.12.1.5", "RC2 with 128 bits"],
  ["1.2.840.113549.1.12.1.6", "RC2 with 40 bits"],
  ["1.2.840.113549.1.5.3", "DES"],
  ["1.2.840.113549.1.5.10", "DES"],
  ["1.2.840.113549.3.7", "Triple DES"],
  ["1.3.6.1.4.1.11591.4.11", "a key by scrypt"],
]);

/** A ciphertext that has been understood; what opens it is the password alone. */
export interface Sealed {
  readonly how: Pbes2;
  readonly ciphertext: Bytes;
}

/**
 * Opens an EncryptedPrivateKeyInfo (RFC 5958 §3).
 *
 * @returns a PrivateKeyInfo in DER.
 * @throws TlsError `identity/bad-file`, `identity/unsupported-file`, `identity/wrong-password`.
 */
export async function decryptPkcs8(der: Bytes, password: string): Promise<Bytes> {
  const sealed = sealedKey(
    parsed(() => PKCS8ShroudedKeyBag.fromBER(der)),
    conversion.pem,
  );
  const opened = await open(sealed, password);
  // A SEQUENCE: of the wrong passwords that get by the padding, most end here.
  if (opened?.[0] !== 0x30) throw wrongPassword();
  return opened;
}

/** @param remedy what to do where it is not known here. */
export function sealedKey(bag: PKCS8ShroudedKeyBag, remedy: string): Sealed {
  const how = readAlgorithm(bag.encryptionAlgorithm, remedy);
  return { how, ciphertext: parsed(() => new Uint8Array(bag.encryptedData.getValue())) };
}

/** @param remedy as for {@link sealedKey}. */
export function sealedContent(content: EncryptedContentInfo, remedy: string): Sealed {
  const how = readAlgorithm(content.contentEncryptionAlgorithm, remedy);
  return { how, ciphertext: parsed(() => new Uint8Array(content.getEncryptedContent())) };
}

/** @returns undefined where the password is wrong, as far as that shows. */
export function open({ how, ciphertext }: Sealed, password: string): Promise<Bytes | undefined> {
  return decryptPbes2(how, new TextEncoder().encode(password), ciphertext);
}

/**
 * Checks what it takes to open all of these: each has its own rounds, and a file may have thousands.
 *
 * @throws TlsError `identity/unsupported-file`.
 */
export function checkTotalIterations(parts: readonly Sealed[]): void {
  const total = parts.reduce((sum, { how }) => sum + how.derivation.iterations, 0);
  if (total <= maxIterations) return;
  throw unsupportedFile(
    `wants ${total} rounds, more than ${maxIterations}, to get the keys to its ${parts.length} parts from its password`,
    "Export it anew with fewer.",
  );
}

/** What `pkijs` reads; it throws all kinds of things. */
export function parsed<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    // Its error may quote what it read.
    throw error instanceof TlsError ? error : badFile("it is damaged, or of another format");
  }
}

function readAlgorithm(algorithm: AlgorithmIdentifier, remedy: string): Pbes2 {
  if (algorithm.algorithmId !== pbes2) throw unknown(algorithm.algorithmId, remedy);
  return parsed(() => {
    const scheme = new PBES2Params({ schema: algorithm.algorithmParams });
    const { keyDerivationFunc, encryptionScheme } = scheme;
    const keyLength = keyLengths.get(encryptionScheme.algorithmId);
    if (keyLength === undefined) throw unknown(encryptionScheme.algorithmId, remedy);
    const derivation = readDerivation(keyDerivationFunc, remedy);
    const iv = new Uint8Array(encryptionScheme.algorithmParams.valueBlock.valueHexView);
    return { derivation, keyLength, iv };
  });
}

/** Reads PBKDF2 (RFC 8018 appendix A.2). `keyLength` is in bytes. @param remedy as above. */
export function readDerivation(
  algorithm: AlgorithmIdentifier,
  remedy: string,
): Pbkdf2 & { readonly keyLength: number | undefined } {
  if (algorithm.algorithmId !== pbkdf2) throw unknown(algorithm.algorithmId, remedy);
  const { prf, salt, iterationCount, keyLength } = new PBKDF2Params({
    schema: algorithm.algorithmParams,
  });
  checkIterations(iterationCount);
  return {
    // SHA-1 by default.
    hash: prf === undefined ? "SHA-1" : readHmac(prf, remedy),
    salt: new Uint8Array(salt.valueBlock.valueHexView),
    iterations: iterationCount,
    keyLength,
  };
}

/** @returns the hash of an HMAC. @param remedy as above. */
export function readHmac({ algorithmId }: AlgorithmIdentifier, remedy: string): PasswordHash {
  const hash = hmacHashes.get(algorithmId);
  if (hash === undefined) throw unknown(algorithmId, remedy);
  return hash;
}

/** @throws TlsError `identity/unsupported-file`. `pkijs` reads numbers beyond its range as zero. */
export function checkIterations(count: number, max: number = maxIterations): void {
  if (count >= 1 && count <= max) return;
  throw unsupportedFile(
    `wants more than ${max} rounds, or none, to get a key from its password`,
    "Export it anew with fewer.",
  );
}

function unknown(oid: string, remedy: string): TlsError {
  const name = oldNames.get(oid) ?? `an algorithm that is not known here (${oid})`;
  return unsupportedFile(
    `is protected by ${name}, and AES-CBC and HMAC by PBKDF2 are expected`,
    remedy,
  );
}
