/**
 * Identities out of PKCS#12 files (.p12, .pfx).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { checkOptionNames, invalidOption, TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { printable } from "../x509/printable.ts";
import { privateKeyFromPkcs8 } from "../x509/private-key.ts";
import { badCertificate, type CryptoKeyIdentity, firstFitting } from "./attach.ts";
import { badFile, passwordMissing } from "./files.ts";
import { checkImportOptions, type ImportOptions, importOptionNames, keepKey } from "./kept-key.ts";
import type { NamedKey } from "./pkcs12-reader.ts";

/** Options of {@link importPkcs12}. */
export interface Pkcs12Options extends ImportOptions {
  /** Which key, where the file has several: its name in there, Java's alias. */
  friendlyName?: string;
}

/** Longest file, in bytes: one has some kilobytes. */
const maxLength = 1024 * 1024;

/** Most names of keys in a message. */
const maxNames = 8;

/**
 * Imports a client certificate with its key. The key can't be exported from then on; what was read is
 * not kept. Files encrypted by AES (PBES2) are taken, as OpenSSL 3, Firefox, Java since 16 and, where
 * that is chosen, Windows write them; those by Triple DES or RC2, which WebCrypto does not have, have to
 * be converted. Reading one may take a second or two: each has thousands of rounds for its password.
 *
 * @param file e.g. the one that an `<input type="file">` has.
 * @throws TlsError `identity/wrong-password`, `identity/bad-file`, `identity/unsupported-file` (the
 * message says how to convert it), `identity/encrypted-key` without a password, `identity/bad-key`
 * where there is not one key, `identity/key-mismatch` where no certificate is for it,
 * `identity/bad-certificate`, `configuration/invalid-option`, `configuration/unsupported-platform`.
 */
export async function importPkcs12(
  file: Blob | Uint8Array | ArrayBuffer,
  options: Pkcs12Options = {},
): Promise<CryptoKeyIdentity> {
  checkOptionNames(options, [...importOptionNames, "friendlyName"], "importPkcs12()");
  checkImportOptions(options);
  const { pkcs8, certificates } = await read(await bytesOf(file), options);
  try {
    const key = privateKeyFromPkcs8(pkcs8);
    return await firstFitting(certificates, (certificate) => keepKey(key, certificate, options));
  } finally {
    pkcs8.fill(0);
  }
}

async function bytesOf(file: Blob | Uint8Array | ArrayBuffer): Promise<Bytes> {
  const isKnown = file instanceof Blob || file instanceof Uint8Array || file instanceof ArrayBuffer;
  if (!isKnown) throw invalidOption("file", "a File, a Blob, an ArrayBuffer or a Uint8Array");
  const bytes = new Uint8Array(file instanceof Blob ? await file.arrayBuffer() : file);
  if (bytes.length <= maxLength) return bytes;
  throw badFile(`it has ${bytes.length} bytes, and at most ${maxLength} are expected`);
}

interface Read {
  /** A PrivateKeyInfo in DER. */
  readonly pkcs8: Bytes;
  readonly certificates: readonly Bytes[];
}

async function read(der: Bytes, { password, friendlyName }: Pkcs12Options): Promise<Read> {
  const { readPkcs12 } = await loaded(import("./pkcs12-reader.ts"));
  try {
    const { keys, certificates } = await readPkcs12(der, password ?? "");
    const key = choose(keys, friendlyName);
    if (certificates.length === 0) throw badCertificate("the file has none");
    return { pkcs8: await key.open(), certificates };
  } catch (error) {
    const isMissing = password === undefined && error instanceof TlsError;
    throw isMissing && error.code === "identity/wrong-password" ? passwordMissing() : error;
  }
}

function choose(keys: readonly NamedKey[], wanted: string | undefined): NamedKey {
  const fitting = keys.filter(
    ({ friendlyName }) => wanted === undefined || friendlyName === wanted,
  );
  const [key, ...others] = fitting;
  if (key !== undefined && others.length === 0) return key;
  const found =
    keys.length === 0 ? "no private key" : `${keys.length} private keys: ${namesOf(keys)}`;
  throw new TlsError(
    "identity/bad-key",
    `The file has ${found}. Expected is one, or the name of one as the option friendlyName.`,
  );
}

/** For a message: whoever wrote the file has chosen the names, and how many there are. */
function namesOf(keys: readonly NamedKey[]): string {
  const names = keys
    .slice(0, maxNames)
    .map(({ friendlyName }) => printable(friendlyName ?? "(without a name)"));
  return [...names, ...(keys.length > maxNames ? ["…"] : [])].join(", ");
}
