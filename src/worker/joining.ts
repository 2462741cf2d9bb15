/**
 * Many small buffers as one: each that is posted costs both threads, and the page's memory, more than
 * a copy of its bytes.
 *
 * @module
 */

import { discard } from "../bridge/discard.ts";
import { type Bytes, concat } from "../crypto/bytes.ts";

/** Shorter chunks than this are joined, in bytes: the plaintext of records. Bridges' messages are longer. */
const small = 32 * 1024;

/** The same bytes in few chunks. Those that were joined must be nobody's else, and are gone. */
export function joined(chunks: readonly Bytes[]): Bytes[] {
  const results: Bytes[] = [];
  let group: Bytes[] = [];
  const finishGroup = () => {
    if (group.length === 1) results.push(...group);
    if (group.length > 1) results.push(join(group));
    group = [];
  };
  for (const chunk of chunks) {
    if (chunk.length < small) {
      group.push(chunk);
      continue;
    }
    finishGroup();
    results.push(chunk);
  }
  finishGroup();
  return results;
}

function join(group: readonly Bytes[]): Bytes {
  const whole = concat(...group);
  discard(group);
  return whole;
}
