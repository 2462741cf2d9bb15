/**
 * Puts the bridge on Vite's own HTTP server, so that one process on one port serves the page and
 * carries its connections. Vite's socket for hot reloading stays Vite's.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";
import { createBridge } from "./bridge.ts";

/** Where the bridge stands. */
export interface BridgePluginOptions {
  /** Default: `"/bridge"`. */
  path?: string;
}

/**
 * A bridge to any target, for the pages of this Vite server only.
 *
 * It runs only while Vite listens on a loopback address: a server that others can reach would let
 * them reach all that this machine reaches.
 */
export function bridgePlugin({ path = "/bridge" }: BridgePluginOptions = {}): Plugin {
  const configure = ({ httpServer, config }: ViteDevServer | PreviewServer) => {
    httpServer?.once("listening", () => {
      const { address, port } = httpServer.address() as AddressInfo;
      if (!["127.0.0.1", "::1"].includes(address)) {
        config.logger.warn("The bridge is off: it needs Vite to listen on this machine alone.");
        return;
      }
      const scheme = config.server.https === undefined ? "http" : "https";
      const hosts = ["localhost", "127.0.0.1", "[::1]"];
      const bridge = createBridge({
        dangerousAnyTarget: true,
        origins: hosts.map((host) => new URL(`${scheme}://${host}:${port}`).origin),
      });
      bridge.attach(httpServer, path);
      httpServer.once("close", () => void bridge.close());
    });
  };
  return {
    name: "webtls-bridge",
    configureServer: configure,
    configurePreviewServer: configure,
  };
}
