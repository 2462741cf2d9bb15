/**
 * webtls: TLS from a web page, end to end, through any bridge from WebSocket to TCP. This is the
 * page's only door. It holds no protocol code: that is loaded in a worker, when it is first needed.
 *
 * @module
 */

// Symbol.asyncDispose in the declarations, for users whose own `lib` is older.
/// <reference lib="esnext.disposable" preserve="true" />

import type { BridgeDescriptor } from "./bridge/descriptor.ts";
import { invalidState } from "./errors.ts";
import { addressText, type SocketAddress } from "./page/address.ts";
import { CallerFunctions } from "./page/caller-functions.ts";
import { Socket } from "./page/socket.ts";
import { startWorker, WorkerClient, type WorkerLike } from "./page/worker-client.ts";
import { closeOnDispose } from "./stream/dispose.ts";
import { platformSchedule } from "./stream/schedule.ts";
import { sharedNow, type TraceEvent } from "./stream/trace.ts";
import { checkFunction, checkObject, checkSignal } from "./tls/caller-options.ts";
import type { ConnectionOptions, IssuerFinder } from "./tls/connection-options.ts";
import type { Identities, IdentitySelector } from "./tls/identity/identity.ts";
import type { SessionStore } from "./tls/session/store.ts";
import type { TrustOptions } from "./tls/trust-options.ts";
import type {
  ConnectRequest,
  SecureTransport,
  SessionKeeping,
  SocketInfo,
} from "./worker/protocol.ts";

export type { Address, BridgeDescriptor, WebsockifyOptions } from "./bridge/descriptor.ts";
export { websockify, webtlsBridge } from "./bridge/descriptor.ts";
export type { TlsErrorCode, TlsErrorDetails, TlsErrorPhase, TriedPath } from "./errors.ts";
export { TlsError } from "./errors.ts";
export type { SocketAddress } from "./page/address.ts";
export type { Socket } from "./page/socket.ts";
export type { WorkerLike } from "./page/worker-client.ts";
export type { TraceEvent } from "./stream/trace.ts";
export type { ChannelBindingType } from "./tls/channel-binding.ts";
export type { CertificateDecompressor } from "./tls/compression/decompressor.ts";
export type { ConnectionOptions, IssuerFinder, WantedIssuer } from "./tls/connection-options.ts";
export type * from "./tls/ct-options.ts";
export type { EchResolver } from "./tls/ech-options.ts";
export type {
  CertificateAuthority,
  CertificateIdentity,
  ExternalSigner,
  Identities,
  Identity,
  IdentityOptions,
  IdentityRequest,
  IdentitySelector,
  RawPublicKeyIdentity,
} from "./tls/identity/identity.ts";
export type { ConnectionInfo, ConnectionTimings, HandshakeInfo } from "./tls/info.ts";
export type * from "./tls/options.ts";
export type { DangerousVerify, ServerToVerify } from "./tls/presented.ts";
export type { RevocationOptions } from "./tls/revocation-options.ts";
export type { SessionStore, StoredSession } from "./tls/session/store.ts";
export type * from "./tls/trust-options.ts";
export type {
  SecureSocketInfo,
  SecureTransport,
  SessionKeeping,
  SocketInfo,
} from "./worker/protocol.ts";

/** What all connections of one {@link Tls} share. */
export interface CreateTlsOptions extends TrustOptions, Timeouts {
  /** The way from the page to TCP: `websockify(url)` or `webtlsBridge(url)`. */
  bridge: BridgeDescriptor;
  /** Who the client is, where `connect()` does not say otherwise. */
  identity?: Identities | IdentitySelector;
  /** Who is asked for certificates that a server does not present, where `connect()` does not say. */
  findIssuers?: IssuerFinder;
  /**
   * Where sessions are kept, for later connections to the same server to resume: it is faster, and
   * neither side's certificate is asked for again. So nor are the functions given as `dangerousVerify`
   * and `identity`: a session is good for connections with the same ones only, without a call of them.
   *
   * - `"memory"`: in the worker, as long as it lives.
   * - `"persistent"`: in IndexedDB, encrypted by a key that can't be exported, so that they are there
   *   when the page is loaded again. Where there is no IndexedDB, it is as if nothing was kept. Those
   *   of connections with `dangerousVerify` or a function for `identity` are kept as by `"memory"`: the
   *   page that is loaded again has other functions.
   * - `"disabled"`: nowhere.
   * - a store of your own, called on the page: what it is given are secrets.
   *
   * Default: `"memory"`.
   */
  sessions?: SessionKeeping | SessionStore;
  /**
   * Takes each line of an NSS key log (RFC 9850), without a newline. Whoever has these lines can read
   * the connections. Default: none is kept.
   */
  keyLog?: (line: string) => void;
  /**
   * Makes the worker, for pages that serve its script from a place of their own. It must run
   * `webtls/worker` as a module. Default: the package's own.
   */
  worker?: () => WorkerLike;
}

/** Time limits of a connection, in milliseconds. */
export interface Timeouts {
  /** For the bridge to open the connection. Default: 10 000. */
  connectTimeout?: number;
  /** For the TLS handshake. Default: 15 000. */
  handshakeTimeout?: number;
}

/** What belongs to one connection. */
export interface ConnectOptions extends ConnectionOptions, Timeouts {
  /**
   * `"on"`: TLS at once. `"starttls"`: plain first, TLS by `startTls()`. `"off"`: plain for good.
   * Default: `"on"`.
   */
  secureTransport?: SecureTransport;
  /** Whether writing goes on after the server has closed its side. Default: false. */
  allowHalfOpen?: boolean;
  /** Aborts the connection, at any time of its life. */
  signal?: AbortSignal;
  /**
   * Told each step of the connection as it happens, with its time: the bridge, handshake messages,
   * what is agreed on, alerts. Never secrets or data. Default: none is told.
   */
  trace?: (event: TraceEvent) => void;
}

/** Opens connections, all of them in one worker. */
export interface Tls {
  /**
   * Opens a plain connection.
   *
   * @throws TlsError `configuration/invalid-option`, `configuration/invalid-state`.
   */
  connect(
    address: SocketAddress,
    options: ConnectOptions & { secureTransport: "off" | "starttls" },
  ): Socket<SocketInfo>;
  /**
   * Opens a TLS connection. It returns at once; how that went shows in the socket's `opened`, which
   * rejects with `configuration/invalid-option` for what is checked in the worker: the address, and all
   * options but `signal` and `trace`, whoever gave them.
   *
   * @param address `"host:port"`, with an IPv6 address in brackets, or `{ hostname, port }`.
   * @throws TlsError `configuration/invalid-option` for an address of another type, `signal`, `trace`
   * and what can't be given to the worker; `configuration/invalid-state` after {@link close}.
   */
  connect(address: SocketAddress, options?: ConnectOptions): Socket;
  /** Closes all sockets, then ends the worker. */
  close(): Promise<void>;
  /** The same, at the end of an `await using` block. Missing where the platform has none. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a TLS client. The worker starts with its first connection.
 *
 * @throws TlsError `configuration/invalid-option` for `keyLog`, `worker` and what can't be given to the
 * worker. All else is read there and shows in `opened` of each socket, unknown options among it.
 */
export function createTls(options: CreateTlsOptions): Tls {
  checkObject("options", options);
  checkFunction("keyLog", options.keyLog);
  checkFunction("worker", options.worker);
  return new WorkerTls(options);
}

/** Inherited ones too: what a prototype says of trust, say, must not be lost on the way. */
function membersOf<Options extends object>(options: Options): Options {
  const members = {} as Options;
  for (const name in options) members[name] = options[name];
  return members;
}

class WorkerTls implements Tls {
  /** Where `connect()` does not say otherwise. */
  readonly #defaults: object;
  readonly #client: WorkerClient;
  #closed = false;

  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  constructor(options: CreateTlsOptions) {
    const { keyLog, worker = startWorker, ...passedOn } = membersOf(options);
    const { connectTimeout, handshakeTimeout, identity, findIssuers, sessions, ...shared } =
      passedOn;
    this.#defaults = { connectTimeout, handshakeTimeout, identity, findIssuers, sessions };
    const { bridge, ...trust } = new CallerFunctions().passedOn(shared);
    const setup = { bridge: bridge as BridgeDescriptor, trust, keyLog: keyLog !== undefined };
    this.#client = new WorkerClient(setup, worker, keyLog);
  }

  connect(address: SocketAddress, options: ConnectOptions = {}): Socket {
    if (this.#closed) throw invalidState("connect() was called after close().");
    checkObject("options", options);
    const { signal, trace, ...passedOn } = membersOf(options);
    checkSignal(signal);
    checkFunction("trace", trace);
    const functions = new CallerFunctions();
    const request: ConnectRequest = {
      address: addressText(address),
      options: functions.passedOn(passedOn),
      defaults: functions.passedOn(this.#defaults),
      traceFrom: trace && sharedNow(),
    };
    const { secureTransport = "on", allowHalfOpen = false } = options;
    return new Socket(this.#client.connect(request, functions, trace), {
      secureTransport,
      allowHalfOpen,
      signal,
      schedule: platformSchedule,
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#client.close();
  }
}

closeOnDispose(WorkerTls.prototype);
