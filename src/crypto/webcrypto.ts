/**
 * Cryptography by the platform's `crypto.subtle`.
 *
 * Which algorithms an engine has shows when they are asked for: a method rejects with
 * `configuration/unsupported-platform` where the platform lacks the algorithm, and with nothing
 * else. Loading this module calls nothing.
 *
 * @module
 */

import { loaded } from "../loaded.ts";
import type { CryptoProvider } from "./provider.ts";
import { randomBytes } from "./random.ts";
import { importAeadKey } from "./webcrypto/aead.ts";
import { generateDhKeyPair } from "./webcrypto/dh.ts";
import { digest, importHmacKey } from "./webcrypto/hash.ts";
import { generateMlKemKeyPair } from "./webcrypto/ml-kem.ts";
import { verifySignature } from "./webcrypto/signature.ts";

/** The provider over WebCrypto alone, without a fallback. */
export const webCrypto: CryptoProvider = {
  get hasPlatformAes() {
    return globalThis.crypto?.subtle !== undefined;
  },
  randomBytes,
  digest,
  importHmacKey,
  importAeadKey,
  generateDhKeyPair,
  generateMlKemKeyPair,
  verifySignature,
  // Few connections sign anything.
  async importSigningKey(...key) {
    const { importSigningKey } = await loaded(import("./webcrypto/signing.ts"));
    return importSigningKey(...key);
  },
  async adoptSigningKey(key) {
    const { adoptSigningKey } = await loaded(import("./webcrypto/signing.ts"));
    return adoptSigningKey(key);
  },
};
