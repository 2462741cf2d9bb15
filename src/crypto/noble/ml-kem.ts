/**
 * ML-KEM in JavaScript (FIPS 203).
 *
 * @module
 */

import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { ciphertextLength, type KemKeyPair, type MlKemName } from "../provider.ts";
import { randomBytes } from "../random.ts";

const implementations = { "ML-KEM-768": ml_kem768, "ML-KEM-1024": ml_kem1024 };

export function generateMlKemKeyPair(parameters: MlKemName): KemKeyPair {
  return mlKemKeyPair(parameters, randomBytes(64));
}

/** @param seed d and z of FIPS 203 §7.1, 32 bytes each, one after the other. */
export function mlKemKeyPair(parameters: MlKemName, seed: Uint8Array): KemKeyPair {
  const kem = implementations[parameters];
  const { publicKey, secretKey } = kem.keygen(seed);
  return {
    encapsulationKey: publicKey,
    async decapsulate(ciphertext) {
      // FIPS 203 §7.3, the ciphertext type check; everything of this length gives some secret.
      if (ciphertext.length !== ciphertextLength[parameters]) return undefined;
      return kem.decapsulate(ciphertext, secretKey);
    },
  };
}
