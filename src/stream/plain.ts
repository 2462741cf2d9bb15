/**
 * A connection without TLS: what stands in the place of one for a plain socket, and before STARTTLS.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";
import type { ConnectionSink } from "../tls/connection.ts";

/** Passes bytes on as they are, with the manners of a `ClientConnection`. */
export class PlainConnection {
  readonly closed: Promise<void>;
  /** There is nothing that it could be ahead of. */
  readonly hasSentEarlyData = false;
  readonly #sink: ConnectionSink;
  #resolveClosed: () => void = () => {};
  #rejectClosed: (error: TlsError) => void = () => {};

  constructor(sink: ConnectionSink) {
    this.#sink = sink;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    this.closed.catch(() => {});
  }

  /** The chunk is the reader's from then on. */
  async push(chunk: Bytes): Promise<boolean> {
    await this.#sink.deliver([chunk]);
    return false;
  }

  /** Without TLS nothing tells an end from a truncation. */
  async pushEnd(): Promise<void> {
    this.#resolveClosed();
  }

  async write(chunks: readonly Bytes[]): Promise<void> {
    await this.#sink.send([...chunks]);
  }

  /** A WebSocket can't be half-closed, so the server learns of it at the end only. */
  async closeWrite(): Promise<void> {}

  async abort(error: TlsError): Promise<void> {
    this.#rejectClosed(error);
  }
}
