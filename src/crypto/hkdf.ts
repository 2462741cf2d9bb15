/**
 * HKDF (RFC 5869) over the HMAC of a provider, by which extracting is one MAC.
 *
 * @module
 */

import { type Bytes, concat } from "./bytes.ts";
import type { HmacKey } from "./provider.ts";

/** HKDF-Expand (RFC 5869 §2.3). @param key made of the secret. */
export async function hkdfExpand(key: HmacKey, info: Uint8Array, length: number): Promise<Bytes> {
  let output = await key.sign(concat(info, Uint8Array.of(1)));
  let block = output;
  for (let counter = 2; output.length < length; counter++) {
    block = await key.sign(concat(block, info, Uint8Array.of(counter)));
    output = concat(output, block);
  }
  return output.length === length ? output : output.slice(0, length);
}
