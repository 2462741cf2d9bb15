/**
 * A Node socket as a pair of standard streams. Node 20's own `Duplex.toWeb` shows the end of the
 * readable only once the writable has ended too, and throws an uncaught TypeError where a socket
 * that has ended its writable by itself is closed.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { ByteDuplex } from "../src/stream/duplex.ts";

/** @param socket made with `allowHalfOpen: true`, so that each direction ends by itself. */
export function nodeDuplex(socket: Socket): ByteDuplex {
  socket.on("error", () => {});
  return { readable: readableOf(socket), writable: writableOf(socket) };
}

function readableOf(socket: Socket): ReadableStream<Uint8Array> {
  let ended = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      socket.pause();
      socket.on("data", (chunk: Buffer) => {
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) socket.pause();
      });
      const end = (error?: Error) => {
        if (ended) return;
        ended = true;
        if (error === undefined) controller.close();
        else controller.error(error);
      };
      socket.once("end", () => end());
      socket.once("error", end);
      socket.once("close", () => end(new Error("the socket was closed")));
    },
    pull: () => void socket.resume(),
    cancel() {
      ended = true;
      socket.destroy();
    },
  });
}

function writableOf(socket: Socket): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (chunk) =>
      new Promise((resolve, reject) => {
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => new Promise((resolve) => socket.end(resolve)),
    abort: () => void socket.destroy(),
  });
}
