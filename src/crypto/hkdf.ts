/**
 * HKDF (RFC 5869), over the HMAC of a provider.
 *
 * @module
 */

import { type Bytes, concat } from "./bytes.ts";
import type { CryptoProvider, HashName, HmacKey } from "./provider.ts";

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
  return expandBy(await crypto.importHmacKey(hash, secret), info, length);
}

/** The same with a secret that is an HMAC key already. */
export async function expandBy(key: HmacKey, info: Uint8Array, length: number): Promise<Bytes> {
  let output = await key.sign(concat(info, Uint8Array.of(1)));
  let block = output;
  for (let counter = 2; output.length < length; counter++) {
    block = await key.sign(concat(block, info, Uint8Array.of(counter)));
    output = concat(output, block);
  }
  return output.length === length ? output : output.slice(0, length);
}
