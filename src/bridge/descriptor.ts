/**
 * How a bridge is named by the caller: a plain value, made on the page and cloned into the worker,
 * which checks it and opens WebSockets as it says (`dial.ts`).
 *
 * @module
 */

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

export interface WebsockifyDescriptor extends Readonly<WebsockifyOptions> {
  readonly kind: "websockify";
  /** Absolute; `ws:`, `wss:`, `http:` or `https:`. */
  readonly url: string;
}

export interface WebtlsBridgeDescriptor {
  readonly kind: "webtls";
  /** Absolute; `ws:`, `wss:`, `http:` or `https:`. */
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
 */
export function websockify(url: string | URL, options: WebsockifyOptions = {}): BridgeDescriptor {
  return { ...options, kind: "websockify", url: absolute(url) };
}

/**
 * The bridge of this package, as `npx webtls bridge` starts it: it is told the address, and says in
 * its close code why a target could not be reached.
 *
 * @param url absolute, or relative to the page; `ws:`, `wss:`, `http:` or `https:`.
 */
export function webtlsBridge(url: string | URL): BridgeDescriptor {
  return { kind: "webtls", url: absolute(url) };
}

/** `host:port`, with an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

// Relative URLs are settled here: in the worker they would be relative to the worker's script. What
// is no URL is left as it is, for the worker to refuse.
function absolute(url: string | URL): string {
  const base = globalThis.location?.href;
  return URL.canParse(url, base) ? new URL(url, base).href : String(url);
}
