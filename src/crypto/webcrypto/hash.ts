/**
 * SHA-2 and HMAC by WebCrypto.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { type DigestName, type HashName, type HmacKey, hashLength } from "../provider.ts";
import { subtleFor } from "./subtle.ts";

export async function digest(hash: DigestName, data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await subtleFor(hash).digest(hash, data));
}

export async function importHmacKey(hash: HashName, key: Uint8Array): Promise<HmacKey> {
  const subtle = subtleFor(hash);
  // WebCrypto refuses an empty key. HMAC pads keys with zeros to the hash's block size
  // (RFC 2104 §2), so any shorter run of zeros is the same key.
  const raw = key.length === 0 ? new Uint8Array(hashLength[hash]) : key;
  const algorithm = { name: "HMAC", hash };
  const handle = await subtle.importKey("raw", raw, algorithm, false, ["sign", "verify"]);
  return {
    async sign(data) {
      return new Uint8Array(await subtle.sign(algorithm, handle, data));
    },
    verify: (mac, data) => subtle.verify(algorithm, handle, mac, data),
  };
}
