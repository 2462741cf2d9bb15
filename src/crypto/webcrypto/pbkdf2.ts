/**
 * Keys from passwords, and what is done with them: PBKDF2, PBES2 and PBMAC1 (RFC 8018).
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { orUnsupported, subtleFor } from "./subtle.ts";

/** Hashes of HMAC; SHA-1 for files that are older. */
export type PasswordHash = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

/** How a key is made of a password (RFC 8018 §5.2). */
export interface Pbkdf2 {
  /** The hash of its HMAC. */
  readonly hash: PasswordHash;
  readonly salt: Bytes;
  readonly iterations: number;
}

/** How something was encrypted: by AES-CBC (RFC 8018 §6.2). */
export interface Pbes2 {
  readonly derivation: Pbkdf2;
  /** In bits. Some engines have no AES with 192. */
  readonly keyLength: 128 | 192 | 256;
  readonly iv: Bytes;
}

/** How something was authenticated: by HMAC (RFC 8018 §7.1). */
export interface Pbmac1 {
  readonly derivation: Pbkdf2;
  /** In bits. */
  readonly keyLength: number;
  readonly hash: PasswordHash;
}

/**
 * @param password in UTF-8.
 * @returns undefined where the padding is wrong: by a wrong password, but for one in 256.
 * @throws TlsError `configuration/unsupported-platform`.
 */
export async function decryptPbes2(
  { derivation, keyLength, iv }: Pbes2,
  password: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | undefined> {
  const name = "AES-CBC";
  const what = `${name} with ${keyLength} bits`;
  const key = await deriveKey(derivation, password, keyLength, what, name, "decrypt");
  try {
    return new Uint8Array(await subtleFor(name).decrypt({ name, iv }, key, ciphertext));
  } catch {
    return undefined;
  }
}

/**
 * @param password in UTF-8.
 * @throws TlsError `configuration/unsupported-platform`.
 */
export async function verifyPbmac1(
  { derivation, keyLength, hash }: Pbmac1,
  password: Bytes,
  mac: Bytes,
  content: Bytes,
): Promise<boolean> {
  const hmac = { name: "HMAC", hash };
  const key = await deriveKey(derivation, password, keyLength, "HMAC", hmac, "verify");
  return subtleFor("HMAC").verify(hmac, key, mac, content);
}

async function deriveKey(
  { hash, salt, iterations }: Pbkdf2,
  password: Bytes,
  length: number,
  what: string,
  algorithm: string | object,
  usage: string,
): Promise<CryptoKey> {
  const subtle = subtleFor(what);
  return orUnsupported(what, async () => {
    const secret = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const parameters = { name: "PBKDF2", hash, salt, iterations };
    const bits = new Uint8Array(await subtle.deriveBits(parameters, secret, length));
    try {
      return await subtle.importKey("raw", bits, algorithm, false, [usage]);
    } finally {
      bits.fill(0);
    }
  });
}
