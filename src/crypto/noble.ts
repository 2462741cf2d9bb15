/**
 * Cryptography in JavaScript, for what the platform lacks: the noble libraries, and
 * micro-rsa-dsa-dh for RSA. Each family of algorithms is a module of its own, loaded when it is
 * first asked for.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { checkAeadKey } from "./aead-key.ts";
import type { CryptoProvider } from "./provider.ts";
import { randomBytes } from "./random.ts";
import { parseVerification } from "./verification.ts";

/** The provider over JavaScript alone; it needs no secure context. */
export const nobleCrypto: CryptoProvider = {
  hasPlatformAes: false,
  randomBytes,

  async digest(hash, data) {
    if (hash === "SHA-1") {
      const { sha1 } = await loaded(import("@noble/hashes/legacy.js"));
      return sha1(data);
    }
    const { digest } = await loaded(import("./noble/hash.ts"));
    return digest(hash, data);
  },

  async importHmacKey(hash, key) {
    const { hmacKey } = await loaded(import("./noble/hash.ts"));
    return hmacKey(hash, key);
  },

  async importAeadKey(aead, key) {
    checkAeadKey(aead, key);
    if (aead === "ChaCha20-Poly1305") {
      const { chaCha20Poly1305Key } = await loaded(import("./noble/chacha20-poly1305.ts"));
      return chaCha20Poly1305Key(key);
    }
    const { aesGcmKey } = await loaded(import("./noble/aes-gcm.ts"));
    return aesGcmKey(key);
  },

  async generateDhKeyPair(group) {
    if (group === "X25519") {
      const { generateX25519KeyPair } = await loaded(import("./noble/curve25519.ts"));
      return generateX25519KeyPair();
    }
    const { generateEcdhKeyPair } = await loaded(import("./noble/nist.ts"));
    return generateEcdhKeyPair(group);
  },

  async generateMlKemKeyPair(parameters) {
    const { generateMlKemKeyPair } = await loaded(import("./noble/ml-kem.ts"));
    return generateMlKemKeyPair(parameters);
  },

  async verifySignature(algorithm, key, signature, message) {
    const verification = parseVerification(algorithm, key, signature);
    if (verification === undefined) return false;
    switch (verification.kind) {
      case "ecdsa": {
        const { verifyEcdsa } = await loaded(import("./noble/nist.ts"));
        return verifyEcdsa(verification, signature, message);
      }
      case "ed25519": {
        const { verifyEd25519 } = await loaded(import("./noble/curve25519.ts"));
        return verifyEd25519(verification.key, signature, message);
      }
      case "ml-dsa": {
        const { verifyMlDsa } = await loaded(import("./noble/ml-dsa.ts"));
        return verifyMlDsa(verification.parameters, verification.key, signature, message);
      }
      case "rsa-pss":
      case "rsa-pkcs1": {
        const { verifyRsa } = await loaded(import("./noble/rsa.ts"));
        return verifyRsa(verification, signature, message);
      }
    }
  },

  async importSigningKey(key) {
    switch (key.kind) {
      case "ec": {
        const { ecdsaSigningKey } = await loaded(import("./noble/nist.ts"));
        return ecdsaSigningKey(key);
      }
      case "ed25519": {
        const { ed25519SigningKey } = await loaded(import("./noble/curve25519.ts"));
        return ed25519SigningKey(key.seed);
      }
      case "ml-dsa": {
        const { mlDsaSigningKey } = await loaded(import("./noble/ml-dsa.ts"));
        return mlDsaSigningKey(key.parameters, key.seed);
      }
      case "rsa":
        // RSA in JavaScript takes a time that tells of the key, so none is done with private ones.
        throw new TlsError(
          "configuration/unsupported-platform",
          "This platform can't sign with RSA keys: that takes WebCrypto, so a secure context (https or localhost). Without it, use an ECDSA or Ed25519 key.",
        );
    }
  },

  async adoptSigningKey() {
    throw new TlsError(
      "configuration/unsupported-platform",
      "What WebCrypto keeps to itself can't sign in JavaScript: give the key in PEM, or use the default provider.",
    );
  },
};
