/**
 * A bridge for the benchmarks alone: any number of TCP connections over one WebSocket, for a page that
 * wants more of them than a browser opens WebSockets. In a process of its own.
 *
 * A WebSocket to the path `/<port>` leads to that port of loopback. Each message is a connection's
 * number, four bytes big-endian, and bytes for it or from it; no bytes are its end. A number that has
 * not been seen before opens a connection.
 */

import { connect } from "node:net";
import { WebSocketServer } from "ws";

/** Unsent bytes above which servers are not read. */
const highWaterMark = 1024 * 1024;
const headerLength = 4;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("listening", () => console.log(`listens at ws://127.0.0.1:${server.address().port}`));

server.on("connection", (webSocket, request) => {
  const port = Number((request.url ?? "").slice(1));
  /** @type {Map<number, import("node:net").Socket>} */
  const sockets = new Map();

  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("close", () => {
    for (const socket of sockets.values()) socket.destroy();
  });
  webSocket.on("message", (/** @type {Buffer} */ message) => {
    const id = message.readUInt32BE(0);
    const bytes = message.subarray(headerLength);
    if (bytes.length > 0) (sockets.get(id) ?? open(id)).write(bytes);
    else sockets.get(id)?.end();
  });

  /** @param {number} id */
  function open(id) {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    sockets.set(id, socket);
    socket.on("data", (bytes) => {
      send(id, bytes);
      if (webSocket.bufferedAmount < highWaterMark) return;
      socket.pause();
      resumeLater(socket);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(id);
      send(id, Buffer.alloc(0));
    });
    return socket;
  }

  /** @param {import("node:net").Socket} socket */
  function resumeLater(socket) {
    setTimeout(() => {
      if (webSocket.bufferedAmount < highWaterMark) socket.resume();
      else resumeLater(socket);
    }, 1);
  }

  /**
   * @param {number} id
   * @param {Buffer} bytes
   */
  function send(id, bytes) {
    const message = Buffer.allocUnsafe(headerLength + bytes.length);
    message.writeUInt32BE(id);
    bytes.copy(message, headerLength);
    webSocket.send(message);
  }
});
