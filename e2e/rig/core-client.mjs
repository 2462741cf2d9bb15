/**
 * A user of the built `webtls/core` in Node, by the package's own name: connects to a port, sends a
 * line, and prints what was negotiated and the answer.
 *
 *     node core-client.mjs PORT < ROOTS.pem
 */

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { connectTls } from "webtls/core";

const socket = connect({ port: Number(process.argv[2]), host: "127.0.0.1", allowHalfOpen: true });
const readable = new ReadableStream({
  start(controller) {
    socket.on("data", (chunk) => controller.enqueue(new Uint8Array(chunk)));
    socket.on("end", () => controller.close());
  },
  cancel: () => socket.destroy(),
});
const writable = new WritableStream({
  write: (chunk) =>
    new Promise((resolve, reject) => {
      socket.write(chunk, (error) => (error ? reject(error) : resolve()));
    }),
  close: () => new Promise((resolve) => socket.end(resolve)),
  abort: () => socket.destroy(),
});

const roots = readFileSync(0, "utf8");
const tls = connectTls({ readable, writable }, { hostname: "localhost", roots });
const { version, group } = await tls.opened;
await tls.writable.getWriter().write(new TextEncoder().encode("webtls\n"));
const { value } = await tls.readable.getReader().read();
console.log(JSON.stringify({ version, group, answer: new TextDecoder().decode(value).trim() }));
await tls.close();
