/**
 * One TLS client connection: handshake, then data, then close. Bytes are pushed in; what comes of
 * them goes to a sink. It knows no socket, no timer and no worker.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";
import type { ClientConfig } from "./config.ts";
import type { ConnectionInfo } from "./info.ts";

/**
 * Where a connection's output goes. A promise returned is waited for before more is produced: that
 * is the backpressure.
 */
export interface ConnectionSink {
  /** Ciphertext for the transport, in order. */
  send(records: Bytes[]): Promise<void> | void;
  /** Plaintext for the application: all that one push brought, as a list. */
  deliver(chunks: Bytes[]): Promise<void> | void;
}

export declare class ClientConnection {
  constructor(config: ClientConfig, sink: ConnectionSink);
  /**
   * Runs the handshake. To be called once, before or while bytes are pushed.
   *
   * @throws TlsError any code of the record layer, the handshake and certificates; the alert, if
   * one is due, has been given to the sink by then.
   */
  handshake(): Promise<ConnectionInfo>;
  /**
   * Takes ciphertext from the transport, cut anywhere. The connection keeps a reference to it: the
   * caller may not write into the buffer again.
   *
   * Resolves when all that can be processed has been and the sink has taken what came of it. Never
   * rejects: failures show in {@link handshake} and {@link closed}.
   */
  push(chunk: Bytes): Promise<void>;
  /** Says that the transport has ended: after close_notify an end, otherwise a truncation. */
  pushEnd(): Promise<void>;
  /**
   * Encrypts application data (one or more chunks, written in order) and gives it to the sink.
   * Resolves when the sink has taken it.
   *
   * @throws TlsError `configuration/invalid-state` before the handshake is done or after
   * {@link closeWrite}; the failure of the connection once it has failed.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Sends close_notify (RFC 8446 §6.1) once. Reading goes on. */
  closeWrite(): Promise<void>;
  /**
   * Gives up: sends user_canceled and close_notify during the handshake, close_notify after it
   * (RFC 8446 §6.1), and fails every pending call with the error given.
   */
  abort(error: TlsError): Promise<void>;
  /**
   * The reading side. Resolves when the server has sent close_notify and all plaintext before it
   * was delivered; rejects with a TlsError on any failure, truncation included.
   */
  readonly closed: Promise<void>;
}
