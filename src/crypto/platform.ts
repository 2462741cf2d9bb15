/**
 * The default provider: each algorithm from WebCrypto where the platform has it, from JavaScript
 * where it has not.
 *
 * @module
 */

import { loaded } from "../loaded.ts";
import type { CryptoProvider } from "./provider.ts";
import { randomBytes } from "./random.ts";
import { isUnsupported } from "./webcrypto/subtle.ts";
import { webCrypto } from "./webcrypto.ts";

/**
 * WebCrypto first. An algorithm is tried on the platform once; where it is missing, the JavaScript
 * module of its family is loaded. Keys come straight from the provider that made them, so a record
 * costs nothing extra.
 */
export const platformCrypto: CryptoProvider = {
  get hasPlatformAes() {
    return webCrypto.hasPlatformAes;
  },
  randomBytes,
  digest: (hash, data) => fromFirst(hash, (crypto) => crypto.digest(hash, data)),
  importHmacKey: (hash, key) => fromFirst(hash, (crypto) => crypto.importHmacKey(hash, key)),
  importAeadKey: (aead, key) => fromFirst(aead, (crypto) => crypto.importAeadKey(aead, key)),
  generateDhKeyPair: (group) => fromFirst(group, (crypto) => crypto.generateDhKeyPair(group)),
  generateMlKemKeyPair: (parameters) =>
    fromFirst(parameters, (crypto) => crypto.generateMlKemKeyPair(parameters)),
  verifySignature: (algorithm, key, signature, message) =>
    // The curve belongs to the name: an engine may know ECDSA but not P-521.
    fromFirst(`${algorithm.kind} ${key.kind === "ec" ? key.curve : ""}`, (crypto) =>
      crypto.verifySignature(algorithm, key, signature, message),
    ),
  importSigningKey: (key) =>
    fromFirst(`${key.kind} ${key.kind === "ec" ? key.curve : ""} signing`, (crypto) =>
      crypto.importSigningKey(key),
    ),
  adoptSigningKey: (key) => webCrypto.adoptSigningKey(key),
};

/** What WebCrypto turned out to lack; an engine does not learn while it runs. */
const missing = new Set<string>();

async function fromFirst<Result>(
  algorithm: string,
  ask: (provider: CryptoProvider) => Promise<Result>,
): Promise<Result> {
  if (!missing.has(algorithm)) {
    try {
      return await ask(webCrypto);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      missing.add(algorithm);
    }
  }
  const { nobleCrypto } = await loaded(import("./noble.ts"));
  return ask(nobleCrypto);
}
