/**
 * ML-DSA in JavaScript (FIPS 204): pure, with an empty context, as TLS and certificates have it
 * (RFC 9881 §3).
 *
 * @module
 */

import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import type { MlDsaName, SigningKey } from "../provider.ts";

const signers = { "ML-DSA-44": ml_dsa44, "ML-DSA-65": ml_dsa65, "ML-DSA-87": ml_dsa87 };

/** @param seed the 32 bytes that FIPS 204 §6.1 calls ξ. */
export function mlDsaSigningKey(parameters: MlDsaName, seed: Uint8Array): SigningKey | undefined {
  if (seed.length !== 32) return undefined;
  const signer = signers[parameters];
  const { secretKey } = signer.keygen(seed);
  return {
    async sign(algorithm, message) {
      if (algorithm.kind !== "ml-dsa" || algorithm.parameters !== parameters) {
        throw new TypeError(`an ${parameters} key can't sign ${algorithm.kind}`);
      }
      return Uint8Array.from(signer.sign(message, secretKey));
    },
  };
}

/** Key and signature are of the right lengths. */
export function verifyMlDsa(
  parameters: MlDsaName,
  key: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  return signers[parameters].verify(signature, message, key);
}
