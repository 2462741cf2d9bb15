/**
 * ECDH and ECDSA on the NIST curves in JavaScript.
 *
 * @module
 */

import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { DhKeyPair, HashName, SigningKey } from "../provider.ts";
import { isUncompressedPoint, type NistCurve } from "../verification.ts";
import { digest } from "./hash.ts";

const curves = { "P-256": p256, "P-384": p384, "P-521": p521 };

export function generateEcdhKeyPair(name: NistCurve): DhKeyPair {
  return ecdhKeyPair(name, curves[name].utils.randomSecretKey());
}

/** @param secretKey the scalar, big-endian, at the curve's full length. */
export function ecdhKeyPair(name: NistCurve, secretKey: Uint8Array): DhKeyPair {
  const curve = curves[name];
  return {
    publicKey: curve.getPublicKey(secretKey, false),
    async agree(peer) {
      if (!isUncompressedPoint(name, peer)) return undefined;
      try {
        // The compressed form of the result: a sign byte, then the x-coordinate, which is the
        // shared secret (RFC 8446 §7.4.2).
        return curve.getSharedSecret(secretKey, peer, true).slice(1);
      } catch {
        // The point is not on the curve.
        return undefined;
      }
    },
  };
}

/** @returns undefined for a scalar that is zero or not below the curve's order. */
export function ecdsaSigningKey(key: {
  curve: NistCurve;
  scalar: Uint8Array;
}): SigningKey | undefined {
  const curve = curves[key.curve];
  if (!curve.utils.isValidSecretKey(key.scalar)) return undefined;
  return {
    async sign(algorithm, message) {
      if (algorithm.kind !== "ecdsa") throw new TypeError(`an EC key can't sign ${algorithm.kind}`);
      const hashed = digest(algorithm.hash, message);
      const options = { prehash: false, lowS: false, format: "compact" } as const;
      return Uint8Array.from(curve.sign(hashed, key.scalar, options));
    },
  };
}

/** @param signature r and s at the curve's full length, one after the other. */
export function verifyEcdsa(
  verification: { hash: HashName; curve: NistCurve; point: Uint8Array },
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  const hashed = digest(verification.hash, message);
  // noble hashes with the curve's usual hash unless told not to, and refuses the larger of the two
  // possible s unless told to take it; certificates and TLS bind neither.
  const options = { prehash: false, lowS: false, format: "compact" } as const;
  return curves[verification.curve].verify(signature, hashed, verification.point, options);
}
