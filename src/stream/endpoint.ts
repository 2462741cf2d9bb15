/**
 * What a socket shows, and how its parts hang together: two streams, two promises, and the rules of
 * opening, half-closing, closing and failing. The same over a worker (`page/`) and in-thread
 * (`duplex.ts`). It holds no protocol code.
 *
 * @module
 */

// Symbol.asyncDispose in the declarations, for users whose own `lib` is older.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { closeOnDispose } from "./dispose.ts";
import { Inbound } from "./inbound.ts";
import { Outbound, type Writable } from "./outbound.ts";
import type { Schedule } from "./schedule.ts";

/** Longest time that closing waits for the server to take what was written, in milliseconds. */
export const lingerTime = 5_000;

/** The connection beneath an endpoint. Its waits end, at the latest, when it fails. */
export interface Connection {
  /** Resolves when there is room for more. The bytes are the connection's own from then on. */
  write(bytes: Bytes): Promise<void>;
  /** Sends close_notify behind all that was written. */
  closeWrite(): Promise<void>;
  /** The same, and ends the transport. Answered by {@link Endpoint.finish}. */
  close(): void;
  /** Ends at once. Nothing more is expected of it. */
  abort(error: TlsError): void;
  /** The reader has taken chunks of what was delivered, or does not want them. */
  taken(chunks: readonly Bytes[]): void;
}

export interface EndpointOptions {
  /** Whether writing goes on after the server has ended its side. */
  allowHalfOpen: boolean;
  signal: AbortSignal | undefined;
  schedule: Schedule;
}

/**
 * The reader's and writer's side of a connection. Below the public members stand those by which the
 * connection tells what happens to it; all may be called at any time and count once.
 */
export class Endpoint<Info> {
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly opened: Promise<Info>;
  readonly closed: Promise<void>;
  readonly #connection: Connection;
  readonly #options: EndpointOptions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #onAbort = () => this.#aborted(this.#options.signal?.reason);
  #resolveOpened: (info: Info) => void = () => {};
  #rejectOpened: (error: TlsError) => void = () => {};
  #resolveClosed: () => void = () => {};
  #rejectClosed: (error: TlsError) => void = () => {};
  #state: "opening" | "open" | "closing" | "over" = "opening";
  #readEnded = false;
  #writeEnded = false;
  #writeFailure: TlsError | undefined;
  /** What later calls are refused with once {@link close} was called. */
  #closing: TlsError | undefined;
  #cancelLinger = () => {};

  constructor(connection: Connection, options: EndpointOptions) {
    this.#connection = connection;
    this.#options = options;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    // A caller may look at one of them only, or at none: that is no unhandled rejection.
    this.opened.catch(() => {});
    this.closed.catch(() => {});
    this.#inbound = new Inbound((chunks) => connection.taken(chunks));
    this.#outbound = new Outbound({
      write: async (bytes) => {
        await this.opened;
        await connection.write(bytes);
      },
      closeWrite: () => this.#closeWrite(),
      abandon: (reason) => this.#aborted(reason),
    });
    const { signal } = options;
    if (signal?.aborted === true) queueMicrotask(this.#onAbort);
    signal?.addEventListener("abort", this.#onAbort);
  }

  get readable(): ReadableStream<Bytes> {
    return this.#inbound.stream;
  }

  get writable(): WritableStream<Writable> {
    return this.#outbound.stream;
  }

  /** Closes both directions, with what was written before sent first. Resolves with `closed`. */
  close(): Promise<void> {
    this.#closing ??= closedHere();
    const error = this.#closing;
    if (this.#state === "opening") {
      this.#connection.abort(error);
      this.#end(undefined, error);
    } else if (this.#state !== "over") {
      this.#inbound.stop();
      this.#shutDown(error);
    }
    return this.closed;
  }

  /**
   * Sends close_notify (RFC 8446 §6.1) behind what was written before; reading goes on. The same as
   * closing `writable`, but possible while a writer holds its lock.
   */
  async closeWrite(): Promise<void> {
    await this.#outbound.finish(
      new TlsError("configuration/invalid-state", "Nothing can be written after closeWrite().", {
        phase: "close",
      }),
    );
    await this.#closeWrite();
  }

  /** Whether the connection is established, and neither closing nor over. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether bytes are under way within the endpoint: unread, or written and not yet passed on. */
  get busy(): "unread" | "unsent" | undefined {
    if (this.#inbound.unread) return "unread";
    return this.#outbound.pending ? "unsent" : undefined;
  }

  /** The connection is established. */
  open(info: Info): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#resolveOpened(info);
  }

  /** Bytes from the server. Before the connection is established there can be none of it. */
  deliver(chunks: readonly Bytes[]): void {
    if (this.#state === "opening") return;
    this.#inbound.push(chunks);
  }

  /**
   * The server has ended its side. Before the connection is established that is no end of it: with
   * STARTTLS it is news of the plain connection beneath, and how TLS fares is told by another call.
   */
  end(): void {
    if (this.#state === "opening") return;
    this.#inbound.end();
    this.#readEnded = true;
    if (!this.#options.allowHalfOpen || this.#writeEnded) {
      this.#shutDown(
        new TlsError("closed/remote", "The server has closed the connection.", { phase: "close" }),
      );
    }
  }

  /** Writing has failed; what the server still sends can be read. */
  failWriting(error: TlsError): void {
    this.#writeFailure ??= error;
    this.#outbound.fail(error);
  }

  /** The connection has failed. What was delivered before can be read. */
  fail(error: TlsError): void {
    if (this.#state === "over") return;
    // Who closes wants no more of what the server says: that it was cut off is no failure then,
    // unless something is still to be sent.
    const isUnwanted = this.#state === "closing" && error.code === "closed/truncated";
    if (isUnwanted && !this.#outbound.pending) this.finish();
    else this.#end(error, error);
  }

  /** The connection has been closed as it was asked. */
  finish(): void {
    if (this.#state === "over") return;
    this.#end(this.#writeFailure, this.#closing ?? closedHere());
  }

  /** The connection is another endpoint's from now on (STARTTLS). */
  detach(error: TlsError): void {
    this.#end(undefined, error);
  }

  async #closeWrite(): Promise<void> {
    if (this.#state === "over") return this.closed;
    if (this.#writeEnded || this.#state === "closing") return;
    await this.opened;
    await this.#connection.closeWrite();
    this.#writeEnded = true;
    if (this.#readEnded) this.end();
  }

  // What was written before is sent, within a limit: a server that takes nothing must not hold up
  // the end.
  #shutDown(error: TlsError): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#cancelLinger = this.#options.schedule(() => this.#lingered(), lingerTime);
    void this.#outbound.finish(error).then(() => {
      if (this.#state === "closing") this.#connection.close();
    });
  }

  #lingered(): void {
    const error = new TlsError(
      "closed/local",
      `The socket was closed before all was sent: nothing was taken for ${lingerTime / 1000} seconds.`,
      { phase: "close" },
    );
    this.#connection.abort(error);
    this.#end(error, error);
  }

  #aborted(reason: unknown): void {
    if (this.#state === "over") return;
    const error =
      reason instanceof TlsError
        ? reason
        : new TlsError("aborted", "The connection was aborted by the caller.", { cause: reason });
    this.#connection.abort(error);
    this.#inbound.stop(error);
    this.fail(error);
  }

  /** @param failure of the connection, where it did not end well. @param later that of writing. */
  #end(failure: TlsError | undefined, later: TlsError): void {
    this.#state = "over";
    this.#cancelLinger();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#rejectOpened(later);
    this.#inbound.end(failure);
    this.#outbound.fail(later);
    if (failure === undefined) this.#resolveClosed();
    else this.#rejectClosed(failure);
  }
}

closeOnDispose(Endpoint.prototype);

function closedHere(): TlsError {
  return new TlsError("closed/local", "The socket is closed.", { phase: "close" });
}
