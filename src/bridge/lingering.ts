/**
 * A close that a stock websockify survives.
 *
 * When bytes and the closing of the WebSocket reach it together, websockify drops the bytes: its
 * loop ends before it comes to write them. So the close waits until the server has ended the
 * connection, which it does when it has those bytes and they say so (close_notify, or an alert).
 *
 * @module
 */

import type { ByteStream } from "./byte-stream.ts";

/** Longest wait for a server that does not end the connection, in milliseconds. */
const lingerTime = 500;

/** The same stream, whose close waits for the server. It must be read until then. */
export function lingering(stream: ByteStream): ByteStream {
  let markEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    markEnded = resolve;
  });
  return {
    async read() {
      let chunk: Awaited<ReturnType<ByteStream["read"]>>;
      try {
        chunk = await stream.read();
        return chunk;
      } finally {
        if (chunk === undefined) markEnded();
      }
    },
    send: (chunks) => stream.send(chunks),
    async close() {
      const timer = setTimeout(markEnded, lingerTime);
      await ended;
      clearTimeout(timer);
      await stream.close();
    },
  };
}
