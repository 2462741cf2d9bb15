/**
 * Chunks on their way out, joined to messages of the size that WebSockets carry fastest.
 *
 * @module
 */

import { discard } from "./discard.ts";

/**
 * Messages are filled up to this, in bytes: those of 64 KiB and more are the fast ones. A batch of
 * 256 KiB (`worker/fairness`) is one message with what its records add: at most 29 bytes to each of 16
 * (RFC 5246 §6.2.3.3, RFC 5288 §3).
 */
export const messageSize = 257 * 1024;

/** Shorter ones are joined in memory of their own length: many of them may be under way at a time. */
const shortLength = 64 * 1024;

/** More memory than this is not kept: what a connection or two have under way. */
const mostKept = 4;

/**
 * Memory of joined messages, of {@link messageSize} bytes, used again and again: fresh memory costs
 * more than what is copied into it. It holds ciphertext, or what is sent in the clear anyway.
 */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** What is sent as one message. */
export interface Message {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** To be called when the platform refers to {@link bytes} no more. */
  release(): void;
}

/**
 * Joins chunks, which nobody may use any more, to messages of at most {@link messageSize}. A single
 * chunk is not copied, and may be longer. No message is empty: some bridges take an empty one for a close.
 */
export function* messages(chunks: readonly Uint8Array<ArrayBuffer>[]): Generator<Message> {
  let group: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (length > 0 && length + chunk.length > messageSize) {
      yield join(group, length);
      group = [];
      length = 0;
    }
    group.push(chunk);
    length += chunk.length;
  }
  if (length > 0) yield join(group, length);
}

function join(group: readonly Uint8Array<ArrayBuffer>[], length: number): Message {
  const [only] = group;
  if (only !== undefined && group.length === 1) return { bytes: only, release() {} };
  const isShort = length < shortLength;
  const memory = isShort ? new Uint8Array(length) : (spare.pop() ?? new Uint8Array(messageSize));
  let offset = 0;
  for (const chunk of group) {
    memory.set(chunk, offset);
    offset += chunk.length;
  }
  discard(group);
  return {
    bytes: memory.subarray(0, length),
    release() {
      if (!isShort && spare.length < mostKept) spare.push(memory);
    },
  };
}
