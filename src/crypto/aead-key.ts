/**
 * The length of AEAD keys, checked alike by every provider.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import { type AeadName, aeadKeyLength } from "./provider.ts";

/**
 * @throws TlsError `handshake/internal-error` where the key has another length than the algorithm.
 * WebCrypto would take 32 bytes for AES-128 and make it AES-256.
 */
export function checkAeadKey(aead: AeadName, key: Uint8Array): void {
  const expected = aeadKeyLength[aead];
  if (key.length === expected) return;
  throw new TlsError(
    "handshake/internal-error",
    `A key of ${key.length} bytes was made for ${aead}: expected ${expected}. Please report this.`,
  );
}
