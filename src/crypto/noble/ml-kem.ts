/**
 * ML-KEM-768 in JavaScript (FIPS 203).
 *
 * @module
 */

import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { KemKeyPair } from "../provider.ts";
import { randomBytes } from "../random.ts";

export function generateMlKem768KeyPair(): KemKeyPair {
  return mlKem768KeyPair(randomBytes(64));
}

/** @param seed d and z of FIPS 203 §7.1, 32 bytes each, one after the other. */
export function mlKem768KeyPair(seed: Uint8Array): KemKeyPair {
  const { publicKey, secretKey } = ml_kem768.keygen(seed);
  return {
    encapsulationKey: publicKey,
    async decapsulate(ciphertext) {
      // FIPS 203 §7.3, the ciphertext type check; everything of this length gives some secret.
      if (ciphertext.length !== 1088) return undefined;
      return ml_kem768.decapsulate(ciphertext, secretKey);
    },
  };
}
