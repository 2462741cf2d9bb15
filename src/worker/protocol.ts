/**
 * The messages that page and worker exchange: all of them, in one place. They are plain values that
 * survive structured clone; bytes are transferred, never copied.
 *
 * The worker has one channel, on which it is set up and given a port for each connection. All else
 * goes over these ports. Bytes flow in both directions under a credit window (`CreditWindow`): the
 * sender has at most a window's worth under way, and the receiver gives credit for what was taken.
 *
 * @module
 */

import type { BridgeDescriptor } from "../bridge/descriptor.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { TlsErrorRecord } from "../errors.ts";
import type { CallMessage } from "../stream/calls.ts";
import type { TlsControls } from "../stream/link.ts";
import type { TraceEvent } from "../stream/trace.ts";
import type { ConnectionInfo } from "../tls/info.ts";
import type { SessionStore } from "../tls/session/store.ts";

/** How a socket begins, by the names of the WinterTC Sockets proposal. */
export type SecureTransport = "on" | "off" | "starttls";

/** What is known of any open socket. */
export interface SocketInfo {
  /** The address connected to, as `host:port`. Which IP address that is, only the bridge knows. */
  remoteAddress: string;
  /** Always null: a page has no address in the server's network. */
  localAddress: null;
}

/** What is known of a socket that speaks TLS. */
export interface SecureSocketInfo extends SocketInfo, ConnectionInfo {}

/** Page to worker, on the worker's own channel. The setup comes first, once. */
export type HostMessage =
  | { type: "setup"; setup: HostSetup }
  | { type: "connect"; port: MessagePort; request: ConnectRequest };

/** Worker to page, on the worker's own channel: it runs and takes messages. */
export interface ReadyMessage {
  type: "ready";
}

/** What all connections of a worker share. */
export interface HostSetup {
  /** As the caller has given it: checked when a connection is opened. */
  bridge: BridgeDescriptor;
  /** Of `TrustOptions`, those that are given; read when they are needed first. */
  trust: UncheckedOptions;
  /** Whether the page wants lines of the key log. */
  keyLog: boolean;
}

/**
 * Options as the caller has given them, with a {@link FunctionReference} for each function. The worker
 * checks them, those of TLS by their names too.
 */
export type UncheckedOptions = Readonly<Record<string, unknown>>;

/** The one member of a {@link FunctionReference}: nothing that an option would be called. */
export const functionKey = "webtls function";

/** What crosses for a function of the caller's: the name by which the page is called for it. */
export interface FunctionReference {
  readonly [functionKey]: string;
}

/** Where sessions are kept, for later connections to resume. */
export type SessionKeeping = "memory" | "persistent" | "disabled";

/** What a connection asks beside TLS. */
export interface Hosting {
  readonly secureTransport: SecureTransport;
  /** It is for the page to keep to. */
  readonly allowHalfOpen: boolean;
  /** Where sessions are kept, or a store of the caller's, which the worker calls. */
  readonly sessions: SessionKeeping | SessionStore;
  /** In milliseconds. */
  readonly connectTimeout: number;
  readonly handshakeTimeout: number;
}

/** One connection. */
export interface ConnectRequest {
  /** `host:port`, as the caller has given it. */
  address: string;
  /** Of {@link Hosting} and of TLS, those that were given to `connect()`. */
  options: UncheckedOptions;
  /** What `createTls()` was given for connections that do not say otherwise. */
  defaults: UncheckedOptions;
  /** Where the page wants trace events: when it asked for the connection, by `sharedNow()`. */
  traceFrom?: number | undefined;
}

/** What the page calls of a connection, by name. */
export interface Controls extends TlsControls {
  /** Nothing more will be written. Resolves when that is told to the server. */
  closeWrite(): Promise<void>;
}

/** Page to worker, on a connection's port. */
export type PageMessage =
  /** A call of {@link Controls}, or what came of one of the caller's functions. */
  | CallMessage
  /** Bytes to send. Answered by credit. */
  | { type: "data"; bytes: Bytes }
  /** So much of what was delivered was taken, by `costOf`. */
  | { type: "credit"; cost: number }
  /** Nothing more will be written, and the connection is to end. Answered by `closed`. */
  | { type: "close" }
  /** The connection is to end now. Answered by `closed` or `failed`. */
  | { type: "abort"; error: TlsErrorRecord }
  /**
   * The plain connection is to become TLS, with these options in place of those of its request, one by
   * one. Answered by `opened` or `failed`.
   */
  | { type: "start-tls"; tls: UncheckedOptions };

/** Worker to page, on a connection's port. After `closed` or `failed` comes nothing more. */
export type WorkerMessage =
  /** A call of one of the caller's functions, or what came of one of {@link Controls}. */
  | CallMessage
  /** Established, with TLS or plain. No bytes come before it. */
  | { type: "opened"; info: SocketInfo | SecureSocketInfo }
  | { type: "data"; chunks: Bytes[] }
  /** Much was delivered: the page may have its garbage collected. */
  | { type: "ballast" }
  /** So much of the page's was sent, by `costOf`. */
  | { type: "credit"; cost: number }
  /** Writing has failed; reading goes on. */
  | { type: "write-failed"; error: TlsErrorRecord }
  /** The server has ended its side; all that came before was delivered. */
  | { type: "ended" }
  /** A line of the key log. */
  | { type: "key-log"; line: string }
  /** A step of the connection, where the page asked for them. */
  | { type: "trace"; event: TraceEvent }
  | { type: "closed" }
  | { type: "failed"; error: TlsErrorRecord };
