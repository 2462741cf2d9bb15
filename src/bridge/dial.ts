/**
 * What each kind of bridge wants to be told: the WebSocket's URL and subprotocols for an address.
 *
 * @module
 */

import { type Address, type BridgeDescriptor, formatAddress } from "./descriptor.ts";

/** How one WebSocket is to be opened, and how its end is to be read. */
export interface Dial {
  url: string;
  /** Subprotocols to offer; empty for none, which is not the same as an empty name. */
  protocols: string[];
  /** The address asked for, for messages. */
  address: string;
  /** The bridge's kind, as they differ in what their close codes tell. */
  bridge: BridgeDescriptor["kind"];
}

/** The WebSocket that reaches an address through a bridge. */
export function dial(bridge: BridgeDescriptor, target: Address): Dial {
  const url = new URL(bridge.url);
  const address = formatAddress(target);
  switch (bridge.kind) {
    case "websockify": {
      if (bridge.target !== "fixed") {
        const token = bridge.target === "address" ? address : bridge.target.token;
        url.searchParams.set("token", token);
      }
      const protocols = bridge.subprotocol === undefined ? [] : [bridge.subprotocol];
      return { url: url.href, protocols, address, bridge: bridge.kind };
    }
    case "webtls":
      url.searchParams.set("address", address);
      return { url: url.href, protocols: [], address, bridge: bridge.kind };
  }
}
