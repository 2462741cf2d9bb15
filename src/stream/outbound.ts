/**
 * The writable half of a socket: a standard stream in, copies of its bytes out.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";

/** Chunks larger than this, in bytes, are passed on in pieces, so that none takes up a whole thread. */
const pieceSize = 256 * 1024;

/** What may be written. */
export type Writable = ArrayBuffer | ArrayBufferView;

/** Where written bytes go. Each wait must end, at the latest when the connection does. */
export interface OutboundTarget {
  /** Resolves when there is room for more. The bytes are the target's own. */
  write(bytes: Bytes): Promise<void>;
  /** The writer is done. Resolves when that is told to the server. */
  closeWrite(): Promise<void>;
  /** The writer gives up: what it wrote is not to look complete. */
  abandon(reason: unknown): void;
}

/** A WritableStream, and what a socket needs of one besides: to be ended from beneath. */
export class Outbound {
  readonly stream: WritableStream<Writable>;
  readonly #target: OutboundTarget;
  /** Set by `start`, which the stream's constructor calls. */
  #controller!: WritableStreamDefaultController;
  /** How many chunks were written so far, and how many of them the target has. */
  #written = 0;
  #handled = 0;
  /** Chunks from this one on are refused. */
  #refusal: { from: number; error: TlsError } | undefined;
  /** No chunk will be handled any more. */
  #over = false;
  readonly #drained: Promise<void>;
  #resolveDrained = () => {};

  constructor(target: OutboundTarget) {
    this.#target = target;
    this.#drained = new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
    this.stream = new WritableStream<Writable>(
      {
        start: (controller) => {
          this.#controller = controller;
          // The sink's own abort() would wait for a write that may be waiting for the server. Amid
          // the stream's abort() its controller may not be used, so this comes right after.
          const { signal } = controller;
          signal.addEventListener("abort", () => {
            queueMicrotask(() => target.abandon(signal.reason));
          });
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
      },
      // One chunk at a time: the next is asked for when the target has room. The size is computed
      // in the call of write() itself, which makes it the one place that sees each call.
      { highWaterMark: 1, size: () => this.#count() },
    );
  }

  /** Whether chunks are still waiting for the target. */
  get pending(): boolean {
    return this.#handled < this.#written && !this.#over;
  }

  /** Refuses what is written from now on. Resolves when the target has all that was before. */
  finish(error: TlsError): Promise<void> {
    this.#refusal ??= { from: this.#written, error };
    if (!this.pending) this.#resolveDrained();
    return this.#drained;
  }

  /** The failure of whatever is written or still waiting. */
  fail(error: TlsError): void {
    this.#controller.error(error);
    this.#finished();
  }

  #count(): number {
    this.#written += 1;
    return 1;
  }

  async #write(chunk: Writable): Promise<void> {
    if (this.#refusal !== undefined && this.#handled >= this.#refusal.from) {
      throw this.#refusal.error;
    }
    for (const piece of this.#pieces(chunk)) await this.#target.write(piece);
    this.#handled += 1;
    if (this.#handled === this.#refusal?.from) this.#resolveDrained();
  }

  async #close(): Promise<void> {
    await this.#target.closeWrite();
    this.#finished();
  }

  #finished(): void {
    this.#over = true;
    this.#resolveDrained();
  }

  // A chunk that is no bytes is a gap in what the server gets: there is no going on.
  #pieces(chunk: Writable): Generator<Bytes> {
    const view = viewOf(chunk);
    if (view !== undefined) return copies(view);
    const error = new TlsError(
      "configuration/invalid-option",
      `A socket writes bytes: expected an ArrayBuffer or a view, not ${typeof chunk}. TextEncoder encodes text.`,
      { phase: "data" },
    );
    this.#target.abandon(error);
    throw error;
  }
}

function viewOf(chunk: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : undefined;
}

// A writer keeps its buffers, and may use them again as soon as its write() has resolved. That is
// when there is room for the bytes, not when they are encrypted: so they are copied. Transferring
// them to the worker would take them from the writer.
function* copies(view: Uint8Array): Generator<Bytes> {
  for (let start = 0; start < view.length; start += pieceSize) {
    yield new Uint8Array(view.subarray(start, start + pieceSize));
  }
}
