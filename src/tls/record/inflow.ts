/**
 * Ciphertext on its way in: pushed by the transport, pulled by the record layer.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";

/**
 * A queue whose push resolves once all that was pushed has been worked through. That moment is known
 * from the puller asking for more, so a pusher that waits never runs ahead of the protocol.
 */
export class Inflow {
  readonly #chunks: Bytes[] = [];
  #pushers: (() => void)[] = [];
  #puller: (() => void) | undefined;
  #ended = false;
  #stopped = false;

  /** Resolves when the chunk has been worked through, or at once after {@link stop}. */
  push(chunk: Bytes): Promise<void> {
    if (this.#stopped || this.#ended) return Promise.resolve();
    if (chunk.length > 0) this.#chunks.push(chunk);
    return this.#wake();
  }

  /** Says that no more will come. */
  end(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#ended = true;
    return this.#wake();
  }

  /** The next chunk; undefined once the transport has ended. */
  async pull(): Promise<Bytes | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#stopped || this.#ended) return undefined;
      this.#release();
      await new Promise<void>((resolve) => {
        this.#puller = resolve;
      });
    }
  }

  /** Nothing will be pulled any more: what is here and what comes later is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#chunks.length = 0;
    this.#puller?.();
    this.#release();
  }

  #wake(): Promise<void> {
    this.#puller?.();
    this.#puller = undefined;
    return new Promise((resolve) => {
      this.#pushers.push(resolve);
    });
  }

  #release(): void {
    const pushers = this.#pushers;
    this.#pushers = [];
    for (const resolve of pushers) resolve();
  }
}
