/**
 * A window of bytes that may be under way between two sides at a time.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";

/** How many bytes may be under way to a reader that has not taken them, in each direction. */
export const windowSize = 1024 * 1024;

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

  /** Bytes sent and not yet taken. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /**
   * Waits for room and counts the bytes. One call at a time.
   *
   * @throws the error given to {@link fail}.
   */
  async reserve(bytes: number): Promise<void> {
    while (this.#outstanding >= this.#size && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#outstanding += bytes;
  }

  /** The other side has taken so many bytes. */
  give(bytes: number): void {
    this.#outstanding -= bytes;
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
