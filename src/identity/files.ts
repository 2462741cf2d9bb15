/**
 * The errors of files that identities are imported from. Nothing of a file gets into them but what
 * kind it is of.
 *
 * @module
 */

import { TlsError } from "../errors.ts";

/** The error for a file that is not whole. @param reason a clause. */
export function badFile(reason: string, cause?: unknown): TlsError {
  return new TlsError(
    "identity/bad-file",
    `The file can't be read: ${reason}. It has to be exported, or copied, anew.`,
    cause === undefined ? {} : { cause },
  );
}

/** The error for a password that does not open a file. */
export function wrongPassword(): TlsError {
  return new TlsError(
    "identity/wrong-password",
    "The password does not open the file. Ask for it again: upper and lower case count.",
  );
}

/** The error for an encrypted file without a password. */
export function passwordMissing(): TlsError {
  return new TlsError(
    "identity/encrypted-key",
    "The private key is encrypted, and no password was given. Give it as the option password.",
  );
}

/** The error for what is not taken. @param found a clause. @param remedy a sentence. */
export function unsupportedFile(found: string, remedy: string): TlsError {
  return new TlsError("identity/unsupported-file", `The file ${found}. ${remedy}`);
}

/** How people come by a file that is taken, whose ciphers WebCrypto has. */
export const conversion = {
  pkcs12:
    'Convert it: "openssl pkcs12 -legacy -in old.p12 -nodes -out both.pem", then "openssl pkcs12 -export -in both.pem -out new.p12" with OpenSSL 3, and delete both.pem. Or export it anew by AES-256 and SHA-256.',
  pem: 'Convert it: "openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.pem -out new.pem".',
} as const;
