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
    seal: (iv, additionalData, plaintext) =>
      subtle.encrypt({ name, iv, additionalData }, handle, plaintext).then(toBytes),
    open: (iv, additionalData, ciphertext) =>
      subtle.decrypt({ name, iv, additionalData }, handle, ciphertext).then(toBytes, unlessBadTag),
  };
}

function toBytes(buffer: ArrayBuffer): Bytes {
  return new Uint8Array(buffer);
}

/** A wrong tag, or less than a tag. Anything else is a fault of this side, and is not hidden. */
function unlessBadTag(error: unknown): undefined {
  if (error instanceof DOMException && error.name === "OperationError") return undefined;
  throw error;
}
