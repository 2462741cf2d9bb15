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
  const name = nameOf(aead);
  // Engines that have ChaCha20-Poly1305 take its key as `raw-secret` only; AES knows `raw`
  // everywhere, `raw-secret` in few.
  const format = name === aead ? "raw-secret" : "raw";
  const handle = await orUnsupported(aead, () =>
    subtle.importKey(format, key, { name }, false, ["encrypt", "decrypt"]),
  );
  return aeadKeyOf(aead, handle);
}

/** The key behind a handle. */
export function aeadKeyOf(aead: AeadName, handle: CryptoKey): AeadKey {
  const name = nameOf(aead);
  const subtle = subtleFor(aead);
  return {
    handle,
    seal: (iv, additionalData, plaintext) =>
      subtle.encrypt({ name, iv, additionalData }, handle, plaintext).then(toBytes),
    open: (iv, additionalData, ciphertext) =>
      subtle.decrypt({ name, iv, additionalData }, handle, ciphertext).then(toBytes, unlessBadTag),
  };
}

/** WebCrypto's. */
function nameOf(aead: AeadName): string {
  return aead === "ChaCha20-Poly1305" ? aead : "AES-GCM";
}

function toBytes(buffer: ArrayBuffer): Bytes {
  return new Uint8Array(buffer);
}

/** A wrong tag, or less than a tag. Anything else is a fault of this side, and is not hidden. */
function unlessBadTag(error: unknown): undefined {
  if (error instanceof DOMException && error.name === "OperationError") return undefined;
  throw error;
}
