/**
 * Random bytes, the same in every provider: each runtime has `getRandomValues`, insecure contexts
 * included.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";

/** Fresh bytes from the platform's generator; at most 65536 at once. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
