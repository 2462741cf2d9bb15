/**
 * What stands for a caller's function in the name of a partition.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";

const marks = new WeakMap<object, Bytes>();

/** Random bytes that stand for a function as long as it lives. */
export function markOf(object: object, crypto: CryptoProvider): Bytes {
  const mark = marks.get(object) ?? crypto.randomBytes(16);
  marks.set(object, mark);
  return mark;
}

/**
 * Says what stands for a function that was made for another one, in another thread: the same for each
 * that was made for the same, and for no other.
 */
export function setMark(object: object, mark: Bytes): void {
  marks.set(object, mark);
}
