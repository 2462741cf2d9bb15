/**
 * X25519 and Ed25519 in JavaScript.
 *
 * @module
 */

import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import type { DhKeyPair, SigningKey } from "../provider.ts";

export function generateX25519KeyPair(): DhKeyPair {
  return x25519KeyPair(x25519.utils.randomSecretKey());
}

/** @param secretKey 32 bytes, as in RFC 7748 §5. */
export function x25519KeyPair(secretKey: Uint8Array): DhKeyPair {
  return {
    publicKey: x25519.getPublicKey(secretKey),
    async agree(peer) {
      if (peer.length !== 32) return undefined;
      try {
        return x25519.getSharedSecret(secretKey, peer);
      } catch {
        // With 32 bytes, noble throws for an all-zero result only (RFC 7748 §6.1).
        return undefined;
      }
    },
  };
}

/** @param seed the 32 bytes that RFC 8032 §5.1.5 calls the private key. */
export function ed25519SigningKey(seed: Uint8Array): SigningKey | undefined {
  if (!ed25519.utils.isValidSecretKey(seed)) return undefined;
  return {
    async sign(algorithm, message) {
      if (algorithm.kind !== "ed25519") {
        throw new TypeError(`an Ed25519 key can't sign ${algorithm.kind}`);
      }
      return Uint8Array.from(ed25519.sign(message, seed));
    },
  };
}

/** RFC 8032 §5.1.7, with canonical encodings only: not the looser rules of ZIP 215. */
export function verifyEd25519(
  key: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  return ed25519.verify(signature, message, key, { zip215: false });
}
