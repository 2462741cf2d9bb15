/**
 * What each kind of bridge wants to be told: the WebSocket's URL and subprotocols for an address; and
 * the check of what the caller says of the bridge.
 *
 * @module
 */

import { checkOneOf, checkOptionNames, invalidOption, type TlsError } from "../errors.ts";
import {
  type Address,
  type BridgeDescriptor,
  formatAddress,
  type WebsockifyOptions,
} from "./descriptor.ts";
import { inlineCredit, inlineEnd } from "./subprotocol.ts";

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

/**
 * The WebSocket that reaches an address through a bridge.
 *
 * @param bridge as the caller gave it.
 * @param slowsDown whether the platform's socket slows a server down by not reading.
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function dial(
  bridge: BridgeDescriptor | null | undefined,
  target: Address,
  slowsDown: boolean,
): Dial {
  const address = formatAddress(target);
  switch (bridge?.kind) {
    case "websockify": {
      const { url, kind, ...options } = bridge;
      checkWebsockify(options);
      const { token = address, subprotocol } = options;
      const query = options.target === "fixed" ? {} : { token };
      const protocols = subprotocol === undefined ? [] : [subprotocol];
      return { url: socketUrl(url, query), protocols, address, bridge: kind };
    }
    case "webtls":
      return {
        url: socketUrl(bridge.url, { address }),
        protocols: [slowsDown ? inlineEnd : inlineCredit],
        address,
        bridge: bridge.kind,
      };
    default:
      throw invalidOption("bridge", "what websockify() or webtlsBridge() returns");
  }
}

function checkWebsockify(options: WebsockifyOptions): void {
  checkOptionNames(options, ["target", "token", "subprotocol"], "websockify()");
  const { target, token, subprotocol } = options;
  checkOneOf("target", target, ["token", "fixed"]);
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw invalidOption("token", "a name of the token file");
  }
  if (token !== undefined && target === "fixed") {
    throw invalidOption("token", "none where the target is fixed");
  }
  checkOneOf("subprotocol", subprotocol, ["binary"]);
}

function socketUrl(bridge: string, query: Readonly<Record<string, string>>): string {
  if (typeof bridge !== "string" || !URL.canParse(bridge)) throw invalidUrl();
  const url = new URL(bridge);
  url.protocol = url.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(url.protocol) || url.hash !== "") throw invalidUrl();
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

function invalidUrl(): TlsError {
  return invalidOption("bridge", "the URL of a WebSocket in it, without a fragment");
}
