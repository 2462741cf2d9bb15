/**
 * Runs in a namespace: a server, and the way to it from outside, a socket in the file system.
 *
 *     node confined.mjs SOCKET PORT COMMAND [ARGUMENT...]
 */

import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const [way, port, command, ...args] = process.argv.slice(2);

// The server gets this signal as well; its end is waited for, so that nobody has to bury it.
process.on("SIGTERM", () => {});

createServer({ allowHalfOpen: true }, (client) => {
  const server = connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  server.once("error", () => client.destroy());
  client.once("error", () => server.destroy());
  client.pipe(server).pipe(client);
}).listen(way, () => {
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  child.once("error", ({ message }) => {
    console.error(message);
    process.exit(1);
  });
  child.once("exit", (code) => process.exit(code ?? 1));
});
