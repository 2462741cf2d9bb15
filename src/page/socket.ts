/**
 * A socket, with the members of the WinterTC Sockets proposal.
 *
 * @module
 */

// Symbol.asyncDispose in the declarations, for users whose own `lib` is older.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Bytes } from "../crypto/bytes.ts";
import { invalidState } from "../errors.ts";
import { closeOnDispose } from "../stream/dispose.ts";
import { Endpoint, type EndpointOptions } from "../stream/endpoint.ts";
import type { Writable } from "../stream/outbound.ts";
import { checkObject } from "../tls/caller-options.ts";
import type { ChannelBindingType } from "../tls/channel-binding.ts";
import type { ConnectionOptions } from "../tls/connection-options.ts";
import type { UpdateKeysOptions } from "../tls/options.ts";
import type { SecureSocketInfo, SecureTransport, SocketInfo } from "../worker/protocol.ts";
import type { Channel } from "./channel.ts";

/** How a socket was asked for. */
export interface SocketOptions extends EndpointOptions {
  secureTransport: SecureTransport;
}

/**
 * One connection. `createTls().connect()` makes it.
 *
 * The streams are plain streams of `Uint8Array`. Nothing needs to be read or written before `opened`,
 * and none of the promises needs to be looked at.
 */
export class Socket<Info extends SocketInfo = SecureSocketInfo> {
  readonly #channel: Channel;
  readonly #options: SocketOptions;
  readonly #endpoint: Endpoint<SocketInfo>;
  /**
   * Resolves when the connection is established, with TLS unless `secureTransport` says otherwise.
   * Rejects with a {@link TlsError}.
   */
  readonly opened: Promise<Info>;
  #upgraded = false;

  /** Closes the socket at the end of an `await using` block. Missing where the platform has none. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  /** @internal */
  constructor(channel: Channel, options: SocketOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#endpoint = new Endpoint(channel, options);
    channel.attach(this.#endpoint);
    // How much it tells depends on secureTransport, as the type parameter does.
    this.opened = this.#endpoint.opened as Promise<SocketInfo> as Promise<Info>;
  }

  /**
   * What the server sends. It ends when the server does so properly; with `closed/truncated` where it
   * ends without close_notify, behind the data that came before.
   */
  get readable(): ReadableStream<Bytes> {
    return this.#endpoint.readable;
  }

  /** What is sent. A write resolves when there is room for more. */
  get writable(): WritableStream<Writable> {
    return this.#endpoint.writable;
  }

  /** Resolves when the connection has ended properly; rejects with a {@link TlsError} otherwise. */
  get closed(): Promise<void> {
    return this.#endpoint.closed;
  }

  /** Whether {@link startTls} has put another socket in the place of this one. */
  get upgraded(): boolean {
    return this.#upgraded;
  }

  /** As it was asked for. */
  get secureTransport(): SecureTransport {
    return this.#options.secureTransport;
  }

  /**
   * Sends what was written before, then close_notify, and ends the connection; what is unread is
   * dropped. Waits at most five seconds for a server that takes nothing. Resolves with `closed`.
   */
  close(): Promise<void> {
    return this.#endpoint.close();
  }

  /**
   * Sends what was written before, then close_notify (RFC 8446 §6.1); reading goes on. A plain socket
   * can't tell its server before {@link close}, since WebSockets have no half-close.
   */
  closeWrite(): Promise<void> {
    return this.#endpoint.closeWrite();
  }

  /**
   * Keying material for a protocol above TLS (RFC 8446 §7.5, RFC 5705): the server makes the same by
   * the same arguments.
   *
   * @param label ASCII; registered with IANA, or with "EXPERIMENTAL" in front.
   * @param context what else to bind it to. None is something else than an empty one in TLS 1.2, and
   * the same in TLS 1.3.
   * @param length in bytes, 1 to 8160.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` before `opened`,
   * without TLS, and in TLS 1.2 without the extended master secret, where it would not be safe
   * (RFC 7627 §5.4).
   */
  exportKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes> {
    return this.#channel.call("exportKeyingMaterial", label, context, length);
  }

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
  ): Promise<Bytes> {
    return this.#channel.call("exportEarlyKeyingMaterial", label, context, length);
  }

  /**
   * What binds an authentication above TLS to this connection, e.g. SCRAM-SHA-256-PLUS: 32 bytes for
   * `"tls-exporter"` (RFC 9266), a hash of the server's certificate for `"tls-server-end-point"`
   * (RFC 5929 §4); 12 bytes for `"tls-unique"` (RFC 5929 §3), in TLS 1.2 only.
   *
   * @throws TlsError as {@link exportKeyingMaterial} does; `configuration/invalid-state` also where
   * the server has no certificate, or one signed by Ed25519.
   */
  channelBinding(type: ChannelBindingType): Promise<Bytes> {
    return this.#channel.call("channelBinding", type);
  }

  /**
   * Changes the sending key of TLS 1.3 (RFC 8446 §4.6.3), and with `requestPeer` asks the server to
   * change its own. Keys change by themselves before they are used up. Resolves when it is sent.
   *
   * @throws TlsError `configuration/invalid-state` in TLS 1.2, before `opened`, without TLS and after
   * closing.
   */
  updateKeys(options?: UpdateKeysOptions): Promise<void> {
    return this.#channel.call("updateKeys", options);
  }

  /**
   * Turns a connection that began with `secureTransport: "starttls"` into TLS. The socket returned
   * takes over; this one is closed. How that went shows in `opened` of the one returned; options that
   * are not what they have to be end the connection.
   *
   * @param options in place of those given to `connect()`, one by one.
   * @throws TlsError `configuration/invalid-state` where the socket did not begin so or is not open;
   * where a stream is locked, or bytes are unread or unsent. `configuration/invalid-option` for what
   * can't be given to the worker.
   */
  startTls(options: ConnectionOptions = {}): Socket {
    checkObject("options", options);
    const obstacle = this.#obstacle();
    if (obstacle !== undefined) throw invalidState(`startTls() is not possible: ${obstacle}.`);
    this.#channel.startTls(options);
    this.#upgraded = true;
    this.#endpoint.detach(invalidState("The socket has become TLS: use what startTls() returned."));
    return new Socket(this.#channel, { ...this.#options, secureTransport: "on" });
  }

  /** What stands in the way of TLS, and so what to do first. */
  #obstacle(): string | undefined {
    if (this.secureTransport !== "starttls") return 'secureTransport has to be "starttls"';
    if (this.#upgraded) return "it was called before";
    if (!this.#endpoint.isOpen) return "the socket is not open, wait for opened";
    if (this.readable.locked || this.writable.locked) return "a stream is locked, release it";
    const { busy } = this.#endpoint;
    return busy && `bytes are ${busy}, read or await all of them`;
  }
}

closeOnDispose(Socket.prototype);
