/**
 * How a bridge is named by the caller: a plain value, made on the page and cloned into the worker,
 * which opens WebSockets as it says.
 *
 * @module
 */

import { checkOneOf, checkOptionNames, invalidOption } from "../errors.ts";

/** A host and its TCP port. IPv6 addresses stand without brackets. */
export interface Address {
  hostname: string;
  port: number;
}

/**
 * A bridge from WebSocket to TCP. Made by {@link websockify} or {@link webtlsBridge}; another kind
 * of bridge is another member here, and another case in `dial.ts`.
 */
export type BridgeDescriptor = WebsockifyDescriptor | WebtlsBridgeDescriptor;

export interface WebsockifyDescriptor {
  readonly kind: "websockify";
  /** Absolute, `ws:` or `wss:`. */
  readonly url: string;
  /** What names the target: the address as a token, one given token, or nothing at all. */
  readonly target: "address" | "fixed" | { readonly token: string };
  readonly subprotocol?: "binary";
}

export interface WebtlsBridgeDescriptor {
  readonly kind: "webtls";
  /** Absolute, `ws:` or `wss:`. */
  readonly url: string;
}

/** What is particular about a websockify. */
export interface WebsockifyOptions {
  /**
   * `"token"`: started with a token file, whose tokens name the targets. `"fixed"`: started with
   * one target, which is reached whatever address is asked for. Default: `"token"`.
   */
  target?: "token" | "fixed";
  /** The token sent. Default: the address asked for, as `host:port`. */
  token?: string;
  /** Offers this subprotocol, as some versions demand. Default: none is offered. */
  subprotocol?: "binary";
}

/**
 * A stock websockify.
 *
 * With a token file, its lines are `example.org:993: example.org:993`, so that an address is its
 * own token, unless `token` names another one.
 *
 * @param url absolute, or relative to the page; `ws:`, `wss:`, `http:` or `https:`.
 * @throws TlsError `configuration/invalid-option`.
 */
export function websockify(url: string | URL, options: WebsockifyOptions = {}): BridgeDescriptor {
  checkOptionNames(options, ["target", "token", "subprotocol"], "websockify()");
  const { target = "token", token, subprotocol } = options;
  checkOneOf("target", target, ["token", "fixed"]);
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw invalidOption("token", "a name of the token file");
  }
  if (token !== undefined && target === "fixed") {
    throw invalidOption("token", "none where the target is fixed");
  }
  checkOneOf("subprotocol", subprotocol, ["binary"]);
  return {
    kind: "websockify",
    url: absoluteUrl(url),
    target: token !== undefined ? { token } : target === "token" ? "address" : "fixed",
    ...(subprotocol === undefined ? {} : { subprotocol }),
  };
}

/**
 * The bridge of this package, as `npx webtls bridge` starts it: it is told the address, and says in
 * its close code why a target could not be reached.
 *
 * @param url absolute, or relative to the page; `ws:`, `wss:`, `http:` or `https:`.
 * @throws TlsError `configuration/invalid-option`.
 */
export function webtlsBridge(url: string | URL): BridgeDescriptor {
  return { kind: "webtls", url: absoluteUrl(url) };
}

/**
 * Reads a bridge given as an option, which may come from JavaScript.
 *
 * @returns a plain copy: a reactive one (a `Proxy`) would not survive structured clone.
 * @throws TlsError `configuration/invalid-option`.
 */
export function readBridge(bridge: BridgeDescriptor | null | undefined): BridgeDescriptor {
  const isKnown =
    bridge?.kind === "webtls" || (bridge?.kind === "websockify" && isTarget(bridge.target));
  if (isKnown && isWebSocketUrl(bridge.url)) return JSON.parse(JSON.stringify(bridge));
  throw invalidOption("bridge", "what websockify() or webtlsBridge() returns");
}

function isWebSocketUrl(url: unknown): boolean {
  return typeof url === "string" && /^wss?:/.test(url) && URL.canParse(url);
}

function isTarget(target: WebsockifyDescriptor["target"] | null | undefined): boolean {
  return target === "address" || target === "fixed" || typeof target?.token === "string";
}

/** `host:port`, with an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

// Relative URLs are settled here: in the worker they would be relative to the worker's script.
function absoluteUrl(url: string | URL): string {
  const expected = "a URL of a WebSocket, without a fragment";
  let absolute: URL;
  try {
    absolute = new URL(url, globalThis.location?.href);
  } catch {
    throw invalidOption("url", expected);
  }
  absolute.protocol = absolute.protocol.replace(/^http/, "ws");
  if (!isWebSocketUrl(absolute.href) || absolute.hash) throw invalidOption("url", expected);
  return absolute.href;
}
