/**
 * ML-KEM by WebCrypto, where the engine has "Modern Algorithms in the Web Cryptography API" (WICG).
 *
 * @module
 */

import { ciphertextLength, type KemKeyPair, type MlKemName } from "../provider.ts";
import { generateKeyPair, subtleFor, unsupported } from "./subtle.ts";

/** @param name of the parameters, which the API knows the algorithm by, too. */
export async function generateMlKemKeyPair(name: MlKemName): Promise<KemKeyPair> {
  const subtle = subtleFor(name);
  const decapsulateBits = subtle.decapsulateBits?.bind(subtle);
  if (decapsulateBits === undefined) throw unsupported(name);
  const pair = await generateKeyPair(name, { name }, "decapsulateBits", "raw-public");
  return {
    encapsulationKey: pair.publicKey,
    async decapsulate(ciphertext) {
      // FIPS 203 §7.3, the ciphertext type check; everything of this length gives some secret.
      if (ciphertext.length !== ciphertextLength[name]) return undefined;
      return new Uint8Array(await decapsulateBits({ name }, pair.privateKey, ciphertext));
    },
  };
}
