/**
 * The Wisp server that libcurl.js and epoxy-tls are measured with, in a process of its own: the one
 * from npm, on loopback, and for loopback only. Its path is given as the only argument.
 */

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [path = ""] = process.argv.slice(2);
const { server: wisp, logging } = await import(pathToFileURL(path).href);

logging.set_level(logging.ERROR);
Object.assign(wisp.options, {
  hostname_whitelist: [/^localhost$/, /^127\.0\.0\.1$/],
  allow_loopback_ips: true,
  allow_udp_streams: false,
  dns_method: async () => "127.0.0.1",
});

const server = createServer((_request, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket, head) => wisp.routeRequest(request, socket, head));
server.listen(0, "127.0.0.1", () => {
  console.log(`listens at ws://127.0.0.1:${server.address().port}/`);
});
