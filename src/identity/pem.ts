/**
 * Identities out of PEM.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { checkOptionNames, invalidOption, type TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { bytesOfBlock, type PemBlock, pemBlocks } from "../x509/pem.ts";
import { privateKeyFromPem, privateKeyFromPkcs8 } from "../x509/private-key.ts";
import { badCertificate, type CryptoKeyIdentity, firstFitting } from "./attach.ts";
import { badFile, conversion, passwordMissing, unsupportedFile } from "./files.ts";
import { checkImportOptions, type ImportOptions, importOptionNames, keepKey } from "./kept-key.ts";

/**
 * Imports a client certificate with its key. The key can't be exported from then on. Without a
 * password, `{ certificates, key }` in PEM can also be given to the option `identity` as they are.
 *
 * @param pem certificates in any order, and one private key: PKCS#8 ("PRIVATE KEY", "ENCRYPTED PRIVATE
 * KEY" by AES), PKCS#1 ("RSA PRIVATE KEY") or SEC 1 ("EC PRIVATE KEY"). Texts of several files are
 * joined.
 * @throws TlsError `identity/encrypted-key` without a password, `identity/wrong-password`,
 * `identity/unsupported-file` (the message says how to convert it), `identity/bad-file`,
 * `identity/bad-key`, `identity/key-mismatch` where no certificate is for the key,
 * `identity/bad-certificate`, `configuration/invalid-option`, `configuration/unsupported-platform`.
 */
export async function importPem(
  pem: string | readonly string[],
  options: ImportOptions = {},
): Promise<CryptoKeyIdentity> {
  checkOptionNames(options, importOptionNames, "importPem()");
  checkImportOptions(options);
  const texts = typeof pem === "string" ? [pem] : pem;
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== "string")) {
    throw invalidOption("pem", "text in PEM, or a list of such");
  }
  const text = texts.join("\n");
  const blocks = pemBlocks(text, broken);
  const certificates = blocks
    .filter(({ label }) => label === "CERTIFICATE")
    .map((block) => bytesOfBlock(block.text, "a certificate", broken));
  const decrypted = await decryptedKey(blocks, options);
  try {
    // It knows what to say of none and of several.
    const key = decrypted === undefined ? privateKeyFromPem(text) : privateKeyFromPkcs8(decrypted);
    if (certificates.length === 0) throw badCertificate("there is none in the PEM");
    return await firstFitting(certificates, (certificate) => keepKey(key, certificate, options));
  } finally {
    decrypted?.fill(0);
  }
}

/** @returns a PrivateKeyInfo in DER; undefined where there is not one key, or it is not encrypted. */
async function decryptedKey(
  blocks: readonly PemBlock[],
  { password }: ImportOptions,
): Promise<Bytes | undefined> {
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [block] = keys;
  if (block === undefined || keys.length > 1) return undefined;
  if (/^\s*Proc-Type:.*ENCRYPTED/.test(block.text)) {
    // RFC 1421: the key is MD5 of the password, without rounds.
    throw unsupportedFile("has a key that is encrypted in the old way of OpenSSL", conversion.pem);
  }
  if (block.label !== "ENCRYPTED PRIVATE KEY") return undefined;
  if (password === undefined) throw passwordMissing();
  const { decryptPkcs8 } = await loaded(import("./encrypted.ts"));
  return decryptPkcs8(bytesOfBlock(block.text, "the private key", broken), password);
}

function broken(found: string): TlsError {
  return badFile(`the PEM has ${found}`);
}
