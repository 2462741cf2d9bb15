/**
 * Memory for records that have to be copied, used again and again: a fresh buffer of a record's size
 * costs as much as the record's decryption, most of it for pages of memory that were not there.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { recordBatch } from "../limits.ts";

/** Of a buffer, in bytes: the longest record there is, with its header. */
const bufferSize = 2 ** 14 + 2048 + 5;
/** More than this are not kept: what is protected at once, and two records on their way in. */
const mostKept = recordBatch + 2;

const spare: Bytes[] = [];

/** A buffer of {@link bufferSize} bytes that holds whatever it held before. */
export function takeBuffer(): Bytes {
  return spare.pop() ?? new Uint8Array(bufferSize);
}

/** Gives one back that nothing refers to any more. */
export function giveBuffer(buffer: Bytes): void {
  if (spare.length < mostKept) spare.push(buffer);
}
