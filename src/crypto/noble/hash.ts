/**
 * SHA-2 and HMAC in JavaScript.
 *
 * @module
 */

import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../bytes.ts";
import type { HashName, HmacKey } from "../provider.ts";

/** noble's hash functions by our names. */
export const hashes = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 };

export function digest(hash: HashName, data: Uint8Array): Bytes {
  return hashes[hash](data);
}

export function hmacKey(hash: HashName, key: Uint8Array): HmacKey {
  // The key's two blocks are hashed once; each use goes on from a copy of that state.
  const keyed = hmac.create(hashes[hash], key);
  const sign = (data: Uint8Array): Bytes => keyed.clone().update(data).digest();
  return {
    sign: async (data) => sign(data),
    verify: async (mac, data) => equalBytes(mac, sign(data)),
  };
}
