/**
 * A bridge's byte stream as a link's transport, with memory of what has been decrypted given back.
 *
 * @module
 */

import type { ByteStream } from "../bridge/byte-stream.ts";
import { discard } from "../bridge/discard.ts";
import type { Transport } from "../stream/link.ts";

/** A byte stream whose chunks, which are its reader's own, are freed when they are done with. */
export function releasing(stream: ByteStream): Transport {
  return {
    read: () => stream.read(),
    release: (chunk) => discard([chunk]),
    send: (chunks) => stream.send(chunks),
    close: () => stream.close(),
  };
}
