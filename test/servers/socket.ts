/**
 * A TCP connection of Node as the pair of streams that `webtls/core` takes.
 *
 * @module
 */

import { once } from "node:events";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { ByteDuplex } from "../../src/tls/duplex.ts";

export async function openSocket(port: number): Promise<ByteDuplex> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  // The types of Node's streams and of the page's are two, the streams are one.
  return Duplex.toWeb(socket) as unknown as ByteDuplex;
}
