/**
 * webtls itself, with TLS; and without, over the same worker.
 *
 * @module
 */

import {
  type CreateTlsOptions,
  createTls,
  type Tls,
  websockify,
  webtlsBridge,
} from "../../../src/index.ts";
import type { Contestant, Target } from "./contestant.ts";
import { pipeOf } from "./streams.ts";

export const webtls: Contestant = {
  name: "webtls",
  verifies: true,
  async open(target) {
    const tls = createTlsFor(target);
    const socket = tls.connect({ hostname: target.host, port: target.port });
    await socket.opened;
    return pipeOf(socket.readable, socket.writable, () => tls.close());
  },
};

/** What crosses the worker as it comes. */
export const plain: Contestant = {
  name: "webtls without TLS",
  verifies: false,
  async open(target) {
    const tls = createTlsFor(target);
    const address = { hostname: target.host, port: target.port };
    const socket = tls.connect(address, { secureTransport: "off" });
    await socket.opened;
    return pipeOf(socket.readable, socket.writable, () => tls.close());
  },
};

export function createTlsFor(
  { bridge, url, roots }: Target,
  options: Partial<CreateTlsOptions> = {},
): Tls {
  const descriptor = bridge === "webtls" ? webtlsBridge(url) : websockify(url);
  return createTls({ bridge: descriptor, roots, ...options });
}
