/**
 * Memory of what has been decrypted, given back at once instead of whenever garbage is collected. The
 * next message of the bridge's then finds memory that is there and warm, and not pages that the
 * system has to bring: that is a third of a download's work.
 *
 * @module
 */

import type { ByteStream } from "../bridge/byte-stream.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { Transport } from "../stream/link.ts";

/** ES2024, which TypeScript's libraries of the language level used here do not declare. */
type Transferable = ArrayBuffer & { transfer?(length: number): ArrayBuffer };

/** A byte stream whose chunks, which are its reader's own, are freed when they are done with. */
export function releasing(stream: ByteStream): Transport {
  return {
    read: () => stream.read(),
    release(chunk: Bytes) {
      const buffer: Transferable = chunk.buffer;
      buffer.transfer?.(0);
    },
    send: (chunks) => stream.send(chunks),
    close: () => stream.close(),
  };
}
