/**
 * The server of the benchmarks, in a process of its own: raw TCP or TLS, on ports of loopback.
 *
 * The variable LISTENERS holds a JSON object with a TLS configuration (or null for raw TCP) for each
 * listener, by name; standard output gives a line of their ports. A client says what it wants by
 * nine bytes, a letter and a 64-bit count: "D" downloads so many bytes, "U" uploads so many and is
 * answered by one byte, "E" has everything echoed from then on. After D and U the next wish may come.
 */

import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";

const wishLength = 9;
const chunk = Buffer.alloc(256 * 1024, 0x5a);

const ports = {};
for (const [name, secure] of Object.entries(JSON.parse(process.env.LISTENERS ?? "{}"))) {
  const server = secure === null ? createTcpServer(serve) : createTlsServer(secure, serve);
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = server.address().port;
}
console.log(`ports ${JSON.stringify(ports)}`);

/** @param {import("node:net").Socket} socket */
function serve(socket) {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let wish = Buffer.alloc(0);
  let toTake = 0;
  let echoes = false;
  socket.on("data", (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      if (echoes) {
        socket.write(rest);
        return;
      }
      if (toTake > 0) {
        const taken = Math.min(toTake, rest.length);
        toTake -= taken;
        rest = rest.subarray(taken);
        if (toTake === 0) socket.write("k");
        continue;
      }
      wish = Buffer.concat([wish, rest]);
      if (wish.length < wishLength) return;
      const count = Number(wish.readBigUInt64BE(1));
      const letter = wish.toString("latin1", 0, 1);
      rest = wish.subarray(wishLength);
      wish = Buffer.alloc(0);
      if (letter === "D") send(socket, count);
      else if (letter === "U") toTake = count;
      else echoes = true;
    }
  });
}

/**
 * @param {import("node:net").Socket} socket
 * @param {number} count
 */
function send(socket, count) {
  let left = count;
  const more = () => {
    while (left > 0) {
      const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
}
