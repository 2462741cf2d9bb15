/**
 * Many connections share one thread: each handles at most a batch before the others get their turn,
 * so that a bulk transfer never starves a handshake.
 *
 * @module
 */

import type { ByteStream } from "../bridge/byte-stream.ts";
import { nextTurn } from "../bridge/turn.ts";
import type { Bytes } from "../crypto/bytes.ts";

/** Bytes that a connection may handle, in either direction, before others get their turn. */
export const batchSize = 256 * 1024;

/** A byte stream that reads at most a batch in a turn; larger chunks come in pieces. */
export function fairly(stream: ByteStream): ByteStream {
  let rest: Bytes | undefined;
  let handled = 0;
  return {
    async read() {
      if (handled >= batchSize) {
        await nextTurn();
        handled = 0;
      }
      const chunk = rest ?? (await stream.read());
      const large = chunk !== undefined && chunk.length > batchSize;
      rest = large ? chunk.subarray(batchSize) : undefined;
      // A copy, since whoever gets a chunk may transfer its buffer.
      const piece = large ? chunk.slice(0, batchSize) : chunk;
      handled += piece?.length ?? 0;
      return piece;
    },
    send: (chunks) => stream.send(chunks),
    close: () => stream.close(),
  };
}
