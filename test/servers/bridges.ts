/**
 * The two bridges that everything is shown through: the real websockify, and our own.
 *
 * @module
 */

import { createBridge } from "../../proxy/bridge.ts";
import { startWebsockify } from "./websockify.ts";

export const bridgeKinds = ["websockify", "webtls"] as const;
export type BridgeKind = (typeof bridgeKinds)[number];

/** Where a bridge is, as a page is told. */
export interface BridgeAddress {
  readonly kind: BridgeKind;
  /** A WebSocket URL without token or address. */
  readonly url: string;
}

/** A bridge that runs. */
export interface RunningBridge extends BridgeAddress {
  /** Lets pages connect to `localhost:port` and `127.0.0.1:port`. */
  allow(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param origin of the pages that connect. */
export function startBridge(kind: BridgeKind, origin: string): Promise<RunningBridge> {
  return kind === "websockify" ? startReal() : startOwn(origin);
}

/** @see startWebsockify: the tokens are the targets' own addresses. */
async function startReal(): Promise<RunningBridge> {
  const websockify = await startWebsockify();
  const allowed = new Set<number>();
  return {
    kind: "websockify",
    url: websockify.url,
    async allow(port) {
      if (allowed.has(port)) return;
      allowed.add(port);
      await websockify.allow(`localhost:${port}`, `127.0.0.1:${port}`);
      await websockify.allow(`127.0.0.1:${port}`, `127.0.0.1:${port}`);
    },
    stop: websockify.stop,
  };
}

async function startOwn(origin: string): Promise<RunningBridge> {
  const bridge = createBridge({ allow: ["localhost:*", "127.0.0.1:*"], origins: [origin] });
  const { port } = await bridge.listen(0);
  return {
    kind: "webtls",
    url: `ws://127.0.0.1:${port}/bridge`,
    allow: async () => {},
    stop: () => bridge.close(),
  };
}
