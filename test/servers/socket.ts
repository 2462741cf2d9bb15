/**
 * A TCP connection of Node as the pair of streams that `webtls/core` takes.
 *
 * @module
 */

import { once } from "node:events";
import { connect } from "node:net";
import type { ByteDuplex } from "../../src/stream/duplex.ts";
import { nodeDuplex } from "../node-duplex.ts";

export async function openSocket(port: number): Promise<ByteDuplex> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  await once(socket, "connect");
  return nodeDuplex(socket);
}
