/**
 * A window of bytes that may be under way between two sides at a time.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";

/** How many bytes may be under way to a reader that has not taken them, in each direction. */
export const windowSize = 1024 * 1024;

/** What a chunk counts besides its bytes: that many tiny ones are many is what bounds them too. */
const chunkOverhead = 256;

/**
 * What chunks count in a window. Both sides count by this, whole chunks only. An empty one counts
 * nothing, since no reader gets to see it.
 */
export function costOf(chunks: readonly Bytes[]): number {
  let cost = 0;
  for (const { length } of chunks) if (length > 0) cost += length + chunkOverhead;
  return cost;
}

/**
 * The sender's half of a credit window. It counts what is sent and not yet taken, and makes the
 * sender wait while that is the whole window or more: what is under way is at most the window and
 * one batch.
 */
export class CreditWindow {
  readonly #size: number;
  #outstanding = 0;
  #waiting: (() => void)[] = [];
  #failure: TlsError | undefined;

  /** @param size in bytes. */
  constructor(size: number = windowSize) {
    this.#size = size;
  }

  /** What was sent and is not yet taken, by {@link costOf}. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Whether a sender would have to wait. */
  get isFull(): boolean {
    return this.#outstanding >= this.#size;
  }

  /**
   * Waits for room and counts what is to be sent, by {@link costOf}. One call at a time.
   *
   * @throws the error given to {@link fail}.
   */
  async reserve(cost: number): Promise<void> {
    while (this.isFull && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#outstanding += cost;
  }

  /** The other side has taken so much. */
  give(cost: number): void {
    this.#outstanding -= cost;
    this.#wake();
  }

  /** Nothing will be taken any more: whoever waits, or comes later, gets the error. */
  fail(error: TlsError): void {
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
