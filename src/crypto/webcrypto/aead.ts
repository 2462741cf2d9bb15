/**
 * Authenticated encryption by WebCrypto.
 *
 * @module
 */

import { checkAeadKey } from "../aead-key.ts";
import type { Bytes } from "../bytes.ts";
import type { AeadKey, AeadName } from "../provider.ts";
import { orUnsupported, subtleFor } from "./subtle.ts";

export async function importAeadKey(aead: AeadName, key: Uint8Array): Promise<AeadKey> {
  checkAeadKey(aead, key);
  const subtle = subtleFor(aead);
  const isChaCha = aead === "ChaCha20-Poly1305";
  const name = isChaCha ? aead : "AES-GCM";
  // Engines that have ChaCha20-Poly1305 take its key as `raw-secret` only; AES knows `raw`
  // everywhere, `raw-secret` in few.
  const format = isChaCha ? "raw-secret" : "raw";
  const handle = await orUnsupported(aead, () =>
    subtle.importKey(format, key, { name }, false, ["encrypt", "decrypt"]),
  );

  return {
    async seal(iv, additionalData, plaintext) {
      return new Uint8Array(await subtle.encrypt({ name, iv, additionalData }, handle, plaintext));
    },
    async open(iv, additionalData, ciphertext): Promise<Bytes | undefined> {
      try {
        const parameters = { name, iv, additionalData };
        return new Uint8Array(await subtle.decrypt(parameters, handle, ciphertext));
      } catch (error) {
        // A wrong tag, or less than a tag. Anything else is a fault of this side, and is not hidden.
        if (error instanceof DOMException && error.name === "OperationError") return undefined;
        throw error;
      }
    },
  };
}
