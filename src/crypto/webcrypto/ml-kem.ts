/**
 * ML-KEM-768 by WebCrypto, where the engine has "Modern Algorithms in the Web Cryptography API"
 * (WICG).
 *
 * @module
 */

import type { KemKeyPair } from "../provider.ts";
import { generateKeyPair, subtleFor, unsupported } from "./subtle.ts";

const name = "ML-KEM-768";

export async function generateMlKem768KeyPair(): Promise<KemKeyPair> {
  const subtle = subtleFor(name);
  const decapsulateBits = subtle.decapsulateBits?.bind(subtle);
  if (decapsulateBits === undefined) throw unsupported(name);
  const pair = await generateKeyPair(name, { name }, "decapsulateBits", "raw-public");
  return {
    encapsulationKey: pair.publicKey,
    async decapsulate(ciphertext) {
      // FIPS 203 §7.3, the ciphertext type check; everything of this length gives some secret.
      if (ciphertext.length !== 1088) return undefined;
      return new Uint8Array(await decapsulateBits({ name }, pair.privateKey, ciphertext));
    },
  };
}
