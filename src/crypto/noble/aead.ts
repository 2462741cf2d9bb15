/**
 * noble's AEAD ciphers in the shape of {@link AeadKey}.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import type { AeadKey } from "../provider.ts";

/** One of noble's ciphers that take a nonce and additional data. */
export type Cipher = (
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
) => { encrypt(plaintext: Uint8Array): Bytes; decrypt(ciphertext: Uint8Array): Bytes };

export function aeadKey(cipher: Cipher, key: Uint8Array): AeadKey {
  // The caller may wipe or reuse its buffer, as it may after an import into WebCrypto.
  const ownKey = key.slice();
  return {
    seal: async (nonce, additionalData, plaintext) =>
      cipher(ownKey, nonce, additionalData).encrypt(plaintext),
    async open(nonce, additionalData, ciphertext) {
      // Outside of the try, so that a wrong nonce is not mistaken for a wrong tag.
      const once = cipher(ownKey, nonce, additionalData);
      try {
        return once.decrypt(ciphertext);
      } catch {
        // A wrong tag, or less than a tag.
        return undefined;
      }
    },
  };
}
