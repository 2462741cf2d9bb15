/**
 * Decryption by a password: PBES2 with PBKDF2 and AES-CBC (RFC 8018 §6.2).
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { orUnsupported, subtleFor } from "./subtle.ts";

/** How something was encrypted. */
export interface Pbes2 {
  /** The hash of PBKDF2's HMAC. */
  readonly hash: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
  readonly salt: Bytes;
  readonly iterations: number;
  /** In bits. Some engines have no AES with 192. */
  readonly keyLength: 128 | 192 | 256;
  readonly iv: Bytes;
}

/**
 * @param password in UTF-8.
 * @returns undefined where the padding is wrong: by a wrong password, but for one in 256.
 * @throws TlsError `configuration/unsupported-platform`.
 */
export async function decryptPbes2(
  { hash, salt, iterations, keyLength, iv }: Pbes2,
  password: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | undefined> {
  const algorithm = `AES-CBC with ${keyLength} bits`;
  const subtle = subtleFor(algorithm);
  const key = await orUnsupported(algorithm, async () => {
    const secret = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const parameters = { name: "PBKDF2", hash, salt, iterations };
    const bits = new Uint8Array(await subtle.deriveBits(parameters, secret, keyLength));
    try {
      return await subtle.importKey("raw", bits, "AES-CBC", false, ["decrypt"]);
    } finally {
      bits.fill(0);
    }
  });
  try {
    return new Uint8Array(await subtle.decrypt({ name: "AES-CBC", iv }, key, ciphertext));
  } catch {
    return undefined;
  }
}
