/**
 * Encryption of what is kept on a disk, and names for it, by keys that can't be exported: they can be
 * stored by structured clone, and used, but their bytes are never seen.
 *
 * @module
 */

import { type Bytes, toHex } from "../bytes.ts";
import { randomBytes } from "../random.ts";
import { subtleFor } from "./subtle.ts";

const name = "AES-GCM";
const naming = { name: "HMAC", hash: "SHA-256" };

/** What was sealed, with the nonce it was sealed by. */
export interface Sealed {
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
}

/** @throws TlsError `configuration/unsupported-platform` where there can't be such keys. */
export function requireStorageKeys(): void {
  subtleFor(name);
}

/** @throws TlsError `configuration/unsupported-platform` where there is no WebCrypto. */
export function generateSealingKey(): Promise<CryptoKey> {
  return generate({ name, length: 256 }, ["encrypt", "decrypt"]);
}

/** @throws TlsError `configuration/unsupported-platform` where there is no WebCrypto. */
export function generateNamingKey(): Promise<CryptoKey> {
  return generate(naming, ["sign"]);
}

async function generate(
  algorithm: { name: string; length?: number },
  usages: string[],
): Promise<CryptoKey> {
  const made = await subtleFor(algorithm.name).generateKey(algorithm, false, usages);
  // Only an algorithm of signatures or key agreement has two.
  return "privateKey" in made ? made.privateKey : made;
}

/** Whether something is a key that {@link generateSealingKey} may have made. */
export function isSealingKey(value: unknown): value is CryptoKey {
  return isKeyOf(name, value);
}

/** Whether something is a key that {@link generateNamingKey} may have made. */
export function isNamingKey(value: unknown): value is CryptoKey {
  return isKeyOf(naming.name, value);
}

function isKeyOf(algorithm: string, value: unknown): value is CryptoKey {
  return value instanceof CryptoKey && value.algorithm.name === algorithm && !value.extractable;
}

/**
 * A name in the place of another one that could be guessed: who has not the key can't tell which one.
 *
 * @returns 64 digits in hexadecimal.
 */
export async function blindedName(key: CryptoKey, plain: string): Promise<string> {
  const data = new TextEncoder().encode(plain);
  return toHex(new Uint8Array(await subtleFor(naming.name).sign(naming.name, key, data)));
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
