/**
 * TLS over any pair of streams, in the thread that calls it: a Node socket, a WebSocketStream,
 * another TLS connection. This is `webtls/core`.
 *
 * @module
 */

// Symbol.asyncDispose in the declarations, for users whose own `lib` is older.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Bytes } from "../crypto/bytes.ts";
import { invalidOption, TlsError } from "../errors.ts";
import {
  checkBoolean,
  checkFunction,
  checkMilliseconds,
  checkObject,
  checkSessionStore,
  checkSignal,
  defaultHandshakeTimeout,
} from "../tls/caller-options.ts";
import type { ChannelBindingType } from "../tls/channel-binding.ts";
import type { ClientEnvironment } from "../tls/config.ts";
import {
  type ConnectionOptions,
  checkConnectionOptions,
  settleConfig,
} from "../tls/connection-options.ts";
import type { ConnectionInfo } from "../tls/info.ts";
import type { UpdateKeysOptions } from "../tls/options.ts";
import { checkRareOptions } from "../tls/rare-options.ts";
import { readTrust } from "../tls/trust.ts";
import {
  checkTrustOptions,
  type TrustOptions,
  trustOptionNames,
  trustOptionsOf,
} from "../tls/trust-options.ts";
import { CreditWindow, costOf } from "./credit.ts";
import { DuplexTransport } from "./duplex-transport.ts";
import { type Connection, Endpoint, type EndpointOptions } from "./endpoint.ts";
import { Link, type LinkOwner } from "./link.ts";
import type { Writable } from "./outbound.ts";
import { platformSchedule } from "./schedule.ts";
import { sharedNow, stamping, type TraceEvent } from "./trace.ts";

export type { TlsErrorCode, TlsErrorDetails, TlsErrorPhase, TriedPath } from "../errors.ts";
export { TlsError } from "../errors.ts";
export type { ChannelBindingType } from "../tls/channel-binding.ts";
export type { CertificateDecompressor } from "../tls/compression/decompressor.ts";
export type { ConnectionOptions, IssuerFinder, WantedIssuer } from "../tls/connection-options.ts";
export type * from "../tls/ct-options.ts";
export type { EchResolver } from "../tls/ech-options.ts";
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
} from "../tls/identity/identity.ts";
export type { ConnectionInfo, ConnectionTimings, HandshakeInfo } from "../tls/info.ts";
export type { TlsOptions, UpdateKeysOptions } from "../tls/options.ts";
export type { DangerousVerify, ServerToVerify } from "../tls/presented.ts";
export type { RevocationOptions } from "../tls/revocation-options.ts";
export { MemorySessionStore } from "../tls/session/memory.ts";
export type { SessionStore, StoredSession } from "../tls/session/store.ts";
export type { TrustOptions } from "../tls/trust-options.ts";
export type { TraceEvent } from "./trace.ts";

/**
 * A pair of byte streams, as sockets of all kinds have them. Both are locked from then on.
 *
 * `Duplex.toWeb()` of Node 20 makes a poor one: its readable ends only once its writable has, and
 * closing it after the server has may throw outside of any promise. Wrap the socket by hand there.
 */
export interface ByteDuplex {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

/** Options of {@link connectTls}: those of the connection, whom to trust, and the surroundings. */
export interface ConnectTlsOptions
  extends ConnectionOptions,
    TrustOptions,
    Omit<ClientEnvironment, "groupMemory" | "trace" | keyof ConnectionOptions> {
  /** The host connected to: its certificate is checked for this name or address. */
  hostname: string;
  /** Aborts the connection, at any time of its life. */
  signal?: AbortSignal;
  /** Longest time of the handshake, in milliseconds. Default: 15 000. */
  handshakeTimeout?: number;
  /** Whether writing goes on after the server has closed its side. Default: false. */
  allowHalfOpen?: boolean;
  /**
   * Told each step of the connection, with its time: handshake messages, what is agreed on, alerts.
   * Never secrets or data. It is called in a microtask of its own. Default: none is told.
   */
  trace?: (event: TraceEvent) => void;
}

/** A TLS connection as a pair of streams. */
export interface TlsDuplex {
  /** What the server sends. Errors with `closed/truncated` where it ends without close_notify. */
  readonly readable: ReadableStream<Bytes>;
  readonly writable: WritableStream<Writable>;
  /** Resolves when the handshake is done. */
  readonly opened: Promise<ConnectionInfo>;
  /** Resolves when both directions have ended properly, rejects with a TlsError otherwise. */
  readonly closed: Promise<void>;
  /** Sends what was written, then close_notify, and closes the duplex. Resolves with `closed`. */
  close(): Promise<void>;
  /** Sends what was written, then close_notify; reading goes on. */
  closeWrite(): Promise<void>;
  /**
   * Keying material for a protocol above TLS (RFC 8446 §7.5, RFC 5705): the server makes the same by
   * the same arguments.
   *
   * @param label ASCII; registered with IANA, or with "EXPERIMENTAL" in front.
   * @param context what else to bind it to. None is something else than an empty one in TLS 1.2, and
   * the same in TLS 1.3.
   * @param length in bytes, 1 to 8160.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` before `opened`,
   * and in TLS 1.2 without the extended master secret, where it would not be safe (RFC 7627 §5.4).
   */
  exportKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes>;
  /**
   * Keying material for what is spoken in early data (RFC 8446 §7.5), to be had once that has been
   * sent, before `opened` too. It is no safer from replays than the data.
   *
   * @param label @param context @param length as for {@link exportKeyingMaterial}.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` where no early
   * data has been sent.
   */
  exportEarlyKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes>;
  /**
   * What binds an authentication above TLS to this connection, e.g. SCRAM-SHA-256-PLUS: 32 bytes for
   * `"tls-exporter"` (RFC 9266), a hash of the server's certificate for `"tls-server-end-point"`
   * (RFC 5929 §4); 12 bytes for `"tls-unique"` (RFC 5929 §3), in TLS 1.2 only.
   *
   * @throws TlsError as {@link exportKeyingMaterial} does; `configuration/invalid-state` also where
   * the server has no certificate, or one signed by Ed25519.
   */
  channelBinding(type: ChannelBindingType): Promise<Bytes>;
  /**
   * Changes the sending key of TLS 1.3 (RFC 8446 §4.6.3), and with `requestPeer` asks the server to
   * change its own. Keys change by themselves before they are used up. Resolves when it is sent.
   *
   * @throws TlsError `configuration/invalid-state` in TLS 1.2, before `opened` and after closing.
   */
  updateKeys(options?: UpdateKeysOptions): Promise<void>;
  /** The same as `close()`, for `await using`. Missing where the platform has none. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Speaks TLS over a duplex, as its client.
 *
 * @throws TlsError `configuration/invalid-option` at once, and `configuration/invalid-state` where a
 * stream of the duplex is locked; all else shows in the promises and streams, what is wrong with
 * `revocation` and `certificateTransparency` among it.
 */
export function connectTls(duplex: ByteDuplex, options: ConnectTlsOptions): TlsDuplex {
  checkDuplex(duplex);
  checkOptions(options);
  return new DuplexConnection(duplex, options).endpoint;
}

/** Names of the options that are not of {@link ConnectionOptions}. */
const ownOptions = [
  "hostname",
  ...trustOptionNames,
  "signal",
  "handshakeTimeout",
  "allowHalfOpen",
  "crypto",
  "now",
  "keyLog",
  "trace",
  "sessions",
  "sessionLabel",
];

function checkDuplex(duplex: ByteDuplex): void {
  checkObject("duplex", duplex);
  const { readable, writable } = duplex;
  if (typeof readable?.getReader !== "function" || typeof writable?.getWriter !== "function") {
    throw invalidOption("duplex", "an object with a readable and a writable stream");
  }
}

function checkOptions(options: ConnectTlsOptions): void {
  checkObject("options", options);
  checkConnectionOptions(options, ownOptions);
  checkRareOptions(options);
  checkTrustOptions(options);
  const { hostname, handshakeTimeout, allowHalfOpen, signal, now, keyLog, trace } = options;
  const { sessions, sessionLabel } = options;
  if (typeof hostname !== "string" || hostname === "") {
    throw invalidOption("hostname", "the name or address of the server");
  }
  checkMilliseconds("handshakeTimeout", handshakeTimeout);
  checkBoolean("allowHalfOpen", allowHalfOpen);
  checkSignal(signal);
  checkFunction("now", now);
  checkFunction("keyLog", keyLog);
  checkFunction("trace", trace);
  for (const name of trustOptionNames) {
    if (options.dangerousVerify !== undefined && options[name] !== undefined) {
      throw invalidOption(name, "none beside dangerousVerify, which decides without them");
    }
  }
  if (sessions !== undefined) checkSessionStore(sessions);
  if (sessionLabel !== undefined && typeof sessionLabel !== "string") {
    throw invalidOption("sessionLabel", "a string");
  }
}

/** The endpoint, with what can be asked of TLS beneath it. */
class DuplexEndpoint extends Endpoint<ConnectionInfo> implements TlsDuplex {
  readonly #link: Link;

  constructor(connection: Connection, link: Link, options: EndpointOptions) {
    super(connection, options);
    this.#link = link;
  }

  async exportKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes> {
    return this.#link.tls.exportKeyingMaterial(label, context, length);
  }

  async exportEarlyKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes> {
    return this.#link.tls.exportEarlyKeyingMaterial(label, context, length);
  }

  async channelBinding(type: ChannelBindingType): Promise<Bytes> {
    return this.#link.tls.channelBinding(type);
  }

  async updateKeys(options?: UpdateKeysOptions): Promise<void> {
    return this.#link.tls.updateKeys(options);
  }
}

/** What stands between an {@link Endpoint} and a {@link Link} of the same thread. */
class DuplexConnection implements Connection, LinkOwner {
  readonly endpoint: DuplexEndpoint;
  readonly #link: Link;
  readonly #window = new CreditWindow();

  constructor(duplex: ByteDuplex, options: ConnectTlsOptions) {
    const { signal, allowHalfOpen = false } = options;
    const { readable, writable } = duplex;
    const transport = new DuplexTransport(readable, writable, platformSchedule);
    this.#link = new Link(transport, this, platformSchedule);
    this.endpoint = new DuplexEndpoint(this, this.#link, {
      signal,
      allowHalfOpen,
      schedule: platformSchedule,
    });
    void this.#start(options);
  }

  async #start(options: ConnectTlsOptions): Promise<void> {
    const { hostname, handshakeTimeout = defaultHandshakeTimeout } = options;
    const whom = trustOptionsOf(options);
    const trace = options.trace && stamping(sharedNow(), apart(options.trace));
    // As they were checked: a caller may change its own object.
    const given = { ...options, trace };
    const settling = settleConfig(hostname, given, () => readTrust(whom), given);
    await this.#link.secure(settling, handshakeTimeout);
  }

  write(bytes: Bytes): Promise<void> {
    return this.#link.write([bytes]);
  }

  closeWrite(): Promise<void> {
    return this.#link.closeWrite();
  }

  close(): void {
    // What the reader did not take by now, it does not want.
    this.#window.fail(new TlsError("closed/local", "The connection is closed."));
    void this.#link.close();
  }

  abort(error: TlsError): void {
    this.#window.fail(error);
    void this.#link.abort(error);
  }

  taken(chunks: readonly Bytes[]): void {
    this.#window.give(costOf(chunks));
  }

  secured(info: ConnectionInfo): void {
    this.endpoint.open(info);
  }

  async deliver(chunks: Bytes[]): Promise<void> {
    try {
      await this.#window.reserve(costOf(chunks));
    } catch {
      return;
    }
    this.endpoint.deliver(chunks);
  }

  ended(): void {
    this.endpoint.end();
  }

  failed(error: TlsError): void {
    this.#window.fail(error);
    this.endpoint.fail(error);
  }

  closed(): void {
    this.endpoint.finish();
  }
}

/** What a listener throws, or asks of the connection, does not get into the middle of the protocol. */
function apart(tell: (event: TraceEvent) => void): (event: TraceEvent) => void {
  return (event) => queueMicrotask(() => tell(event));
}
