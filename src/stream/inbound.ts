/**
 * The readable half of a socket: bytes pushed in, a standard stream out.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";

/**
 * Keeps what has arrived until the reader asks for it, so that "taken" means taken by the reader and
 * not only put into a stream's queue. It is a plain stream of chunks, not a byte stream, which not
 * every browser has.
 */
export class Inbound {
  readonly stream: ReadableStream<Bytes>;
  readonly #taken: (chunks: readonly Bytes[]) => void;
  readonly #arrived: Bytes[] = [];
  /** Set by `start`, which the stream's constructor calls. */
  #controller!: ReadableStreamDefaultController<Bytes>;
  /** Ends the wait of a reader that found nothing. */
  #wakeReader: (() => void) | undefined;
  #end: { failure: TlsError | undefined } | undefined;
  /** The reader has the end, or has cancelled. */
  #over = false;

  /** @param taken told of every chunk, but empty ones, that the reader has taken or does not want. */
  constructor(taken: (chunks: readonly Bytes[]) => void) {
    this.#taken = taken;
    this.stream = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      // Nothing is pulled before somebody reads.
      { highWaterMark: 0 },
    );
  }

  /** Whether bytes have arrived that the reader has not taken. */
  get unread(): boolean {
    // Below zero: a reader asked, then released its lock, and the stream holds what it asked for.
    return this.#arrived.length > 0 || (this.#controller.desiredSize ?? 0) < 0;
  }

  push(chunks: readonly Bytes[]): void {
    if (this.#end !== undefined) return;
    if (this.#over) {
      this.#taken(chunks);
      return;
    }
    for (const chunk of chunks) if (chunk.length > 0) this.#arrived.push(chunk);
    if (this.#wakeReader !== undefined) this.#give();
  }

  /** The end, or the failure, behind all that was pushed. */
  end(failure?: TlsError): void {
    if (this.#end !== undefined) return;
    this.#end = { failure };
    if (this.#arrived.length === 0) this.#finish();
  }

  /** The end, or the failure, at once: what is unread is dropped. */
  stop(failure?: TlsError): void {
    this.#arrived.length = 0;
    this.#end = { failure };
    this.#finish();
  }

  #pull(): Promise<void> | undefined {
    if (this.#arrived.length > 0) {
      this.#give();
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  #give(): void {
    const chunk = this.#arrived.shift();
    if (chunk === undefined) return;
    this.#controller.enqueue(chunk);
    this.#taken([chunk]);
    if (this.#end !== undefined && this.#arrived.length === 0) this.#finish();
    this.#wake();
  }

  #finish(): void {
    if (this.#over) return;
    const failure = this.#end?.failure;
    if (failure === undefined) this.#controller.close();
    else this.#controller.error(failure);
    this.#over = true;
    this.#wake();
  }

  // A reader that cancels takes everything, so that the server can go on and come to its end.
  #cancel(): void {
    this.#over = true;
    this.#taken(this.#arrived.splice(0));
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
  }
}
