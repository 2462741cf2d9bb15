/**
 * HKDF (RFC 5869), over the HMAC of a provider.
 *
 * @module
 */

import { type Bytes, concat } from "./bytes.ts";
import type { CryptoProvider, HashName } from "./provider.ts";

/** RFC 5869 §2.2. */
export async function hkdfExtract(
  crypto: CryptoProvider,
  hash: HashName,
  salt: Uint8Array,
  input: Uint8Array,
): Promise<Bytes> {
  return (await crypto.importHmacKey(hash, salt)).sign(input);
}

/** RFC 5869 §2.3. */
export async function hkdfExpand(
  crypto: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Promise<Bytes> {
  const key = await crypto.importHmacKey(hash, secret);
  let output = new Uint8Array(0);
  let block = new Uint8Array(0);
  for (let counter = 1; output.length < length; counter++) {
    block = await key.sign(concat(block, info, Uint8Array.of(counter)));
    output = concat(output, block);
  }
  return output.slice(0, length);
}
