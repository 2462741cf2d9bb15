/**
 * The bridge: carries the bytes of a WebSocket to a TCP target and back, and looks at none of them.
 *
 * A page connects to `ws://bridge/any/path?address=host:port`, or without an address where the
 * bridge has one fixed target. Binary messages are bytes of the stream, cut anywhere. The
 * subprotocol `binary` is answered where it is offered. This is what websockify (fixed target) and
 * wsproxy (address form) speak, so that their clients find nothing new; the close codes of
 * `refusal.ts` say what those do not: why a connection failed. Under the subprotocols of
 * `subprotocol.ts`, which this package's own client offers, no end of a stream gets lost.
 *
 * @module
 */

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { createOriginCheck } from "./origin.ts";
import { closeCodes, Refusal } from "./refusal.ts";
import { pageDrainTimeout } from "./relay.ts";
import { closeTimeout, Session } from "./session.ts";
import { chooseSubprotocol } from "./subprotocol.ts";
import { createAllowList, parseTarget, type Target } from "./target.ts";
import { badRequest, forbidden, isWebSocketHandshake } from "./upgrade.ts";

/** What a bridge may do. By default: nothing for nobody. */
export interface BridgeOptions {
  /** Targets a page may name, as `createAllowList` reads them. Default: none. */
  allow?: readonly string[];
  /** Allows every target, those in the bridge's own network included. Default: false. */
  dangerousAnyTarget?: boolean;
  /** The target of a URL without address, `host:port`; it is allowed by that. Default: none. */
  target?: string;
  /** Origins of the pages that may connect. Default: none. */
  origins?: readonly string[];
  /** Lets every page of the web connect, and programs that send no origin. Default: false. */
  dangerousAnyOrigin?: boolean;
  /** Longest wait for a target, in milliseconds. Default: 10 000. */
  connectTimeout?: number;
  /** Connections at a time, those that dial or are being refused included. Default: 1000. */
  maxConnections?: number;
  /** Time between two pings, in milliseconds. Default: 30 000. */
  heartbeat?: number;
  /** Takes a line for each connection opened, ended or refused. Default: nothing is logged. */
  log?: (line: string) => void;
}

/** A bridge, attached to HTTP servers or listening by itself. */
export interface Bridge {
  /** Serves the WebSocket upgrades of a server at one path, and leaves all others alone. */
  attach(server: UpgradeEmitter, path: string): void;
  /** Listens by itself, at every path. Port 0 takes a free one. */
  listen(port: number, hostname?: string): Promise<AddressInfo>;
  /** Connections now, counted as for `maxConnections`. */
  readonly connections: number;
  /**
   * Stops: no new connections, and the open ones end within five seconds. What it listens with by
   * itself is closed then, too, those who have asked for nothing at once.
   */
  close(): Promise<void>;
}

/** What a bridge needs of the server it is attached to: any of `node:http` and `node:https`. */
export interface UpgradeEmitter {
  on(event: "upgrade", listener: UpgradeListener): unknown;
  off(event: "upgrade", listener: UpgradeListener): unknown;
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Longest message a page may send, in bytes; a longer one ends the connection with 1009. */
const maxPayload = 1024 * 1024;

/**
 * Makes a bridge.
 *
 * @throws Error that names the pattern, origin or target which can't be read.
 */
export function createBridge(options: BridgeOptions): Bridge {
  const {
    connectTimeout = 10_000,
    maxConnections = 1000,
    heartbeat = 30_000,
    log = () => {},
  } = options;
  const mayUse = options.dangerousAnyOrigin ? () => true : createOriginCheck(options.origins ?? []);
  const chooseTarget = createTargetChoice(options);
  const webSockets = createWebSocketServer();
  const sessions = new Map<Session, Promise<void>>();
  const detachments: (() => unknown)[] = [];

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => {});
    const { origin } = request.headers;
    if (!mayUse(origin)) {
      log(`refused the origin ${JSON.stringify(origin?.slice(0, 200) ?? "(none)")}`);
      turnAway(socket, forbidden);
      return;
    }
    if (!isWebSocketHandshake(request)) {
      log("refused what is no WebSocket handshake");
      turnAway(socket, badRequest);
      return;
    }
    // Before its upgrade a page has nothing to say: its end means that it has gone.
    const onEnd = () => socket.destroy();
    socket.once("end", onEnd);
    const session = new Session({
      chooseTarget() {
        if (sessions.size > maxConnections) throw new Refusal(closeCodes.full, "bridge is full");
        return chooseTarget(request.url ?? "");
      },
      accept() {
        socket.off("end", onEnd);
        let accepted: WebSocket | undefined;
        webSockets.handleUpgrade(request, socket, head, (page) => {
          accepted = page;
        });
        return accepted;
      },
      connectTimeout,
      heartbeat,
      log,
    });
    socket.once("close", () => session.leave());
    // In the list before it runs: it counts itself.
    sessions.set(session, Promise.resolve());
    sessions.set(
      session,
      session.run().finally(() => sessions.delete(session)),
    );
  }

  function attach(server: UpgradeEmitter, path?: string): void {
    const listener: UpgradeListener = (request, socket, head) => {
      if (path === undefined || request.url?.split("?", 1)[0] === path) {
        onUpgrade(request, socket, head);
      }
    };
    server.on("upgrade", listener);
    detachments.push(() => server.off("upgrade", listener));
  }

  return {
    attach,

    listen(port, hostname = "127.0.0.1") {
      const server = createServer((_request, response) => {
        response.writeHead(426, { "Content-Type": "text/plain", Upgrade: "websocket" });
        response.end("This is a WebSocket-to-TCP bridge: connect by WebSocket.\n");
      });
      attach(server);
      detachments.push(() => {
        const closed = new Promise((resolve) => server.close(resolve));
        // All but the upgraded ones; browsers keep some open in case they need them.
        server.closeAllConnections();
        return closed;
      });
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, hostname, () => resolve(server.address() as AddressInfo));
      });
    },

    get connections() {
      return sessions.size;
    },

    async close() {
      const detached = detachments.splice(0).map((detach) => detach());
      for (const session of sessions.keys()) session.stop();
      const timer = setTimeout(() => {
        for (const session of sessions.keys()) session.destroy();
      }, closeTimeout);
      await Promise.all(sessions.values());
      clearTimeout(timer);
      await Promise.all(detached);
    },
  };
}

/** Answers and closes; not left half open for a client that does not close its side. */
function turnAway(socket: Duplex, answer: string): void {
  socket.once("finish", () => socket.destroy());
  socket.end(answer);
}

function createWebSocketServer(): WebSocketServer {
  // `closeTimeout` is missing in the types. `ws` destroys the socket after it, and what the page
  // has not read by then is lost: so it has to be long.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: pageDrainTimeout,
    handleProtocols: chooseSubprotocol,
  };
  return new WebSocketServer(options);
}

/** Makes the decision on the target of a request's URL, which throws a Refusal. */
function createTargetChoice({
  allow = [],
  dangerousAnyTarget = false,
  target: fixed,
}: BridgeOptions): (url: string) => Target {
  const isAllowed = createAllowList(allow);
  const fixedTarget = fixed === undefined ? undefined : parseTarget(fixed);
  if (fixed !== undefined && fixedTarget === undefined) {
    throw new Error(`"${fixed}" is not a target: expected host:port.`);
  }
  return (url) => {
    const address = new URLSearchParams(url.split("?", 2)[1] ?? "").get("address");
    if (address === null && fixedTarget !== undefined) return fixedTarget;
    const target = parseTarget(address ?? "");
    if (target === undefined) {
      throw new Refusal(closeCodes.badAddress, "expected an address, as in ?address=host:port");
    }
    if (!dangerousAnyTarget && !isAllowed(target)) {
      throw new Refusal(closeCodes.notAllowed, "the bridge does not allow this target");
    }
    return target;
  };
}
