/**
 * Encryption of what is kept on a disk, by a key that can't be exported: it can be stored by structured
 * clone, and used, but its bytes are never seen.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { randomBytes } from "../random.ts";
import { subtleFor } from "./subtle.ts";

const name = "AES-GCM";

/** What was sealed, with the nonce it was sealed by. */
export interface Sealed {
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
}

/** @throws TlsError `configuration/unsupported-platform` where there is no WebCrypto. */
export async function generateSealingKey(): Promise<CryptoKey> {
  const usages = ["encrypt", "decrypt"];
  const made = await subtleFor(name).generateKey({ name, length: 256 }, false, usages);
  // Only an algorithm of signatures or key agreement has two.
  return "privateKey" in made ? made.privateKey : made;
}

/** Whether something is a key that {@link generateSealingKey} may have made. */
export function isSealingKey(value: unknown): value is CryptoKey {
  return value instanceof CryptoKey && value.algorithm.name === name && !value.extractable;
}

/** @param additionalData what it is bound to: it is opened by the same only. */
export async function seal(
  key: CryptoKey,
  additionalData: Bytes,
  plaintext: Uint8Array,
): Promise<Sealed> {
  // Random nonces are good for 2^32 uses of a key (NIST SP 800-38D §8.3).
  const iv = randomBytes(12);
  const parameters = { name, iv, additionalData };
  const ciphertext = await subtleFor(name).encrypt(parameters, key, plaintext);
  return { iv, ciphertext: new Uint8Array(ciphertext) };
}

/** Undefined where it was not sealed by this key, or is bound to something else. */
export async function unseal(
  key: CryptoKey,
  additionalData: Bytes,
  { iv, ciphertext }: Sealed,
): Promise<Bytes | undefined> {
  try {
    const parameters = { name, iv, additionalData };
    return new Uint8Array(await subtleFor(name).decrypt(parameters, key, ciphertext));
  } catch {
    return undefined;
  }
}
