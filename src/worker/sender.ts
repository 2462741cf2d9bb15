/**
 * The page's bytes on their way out, in batches: many small writes become few records and messages.
 *
 * @module
 */

import { discard } from "../bridge/discard.ts";
import { nextTurn } from "../bridge/turn.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { costOf } from "../stream/credit.ts";
import { batchSize } from "./fairness.ts";

/** Sends what it is given, in order, and says how much it has sent. */
export class Sender {
  readonly #write: (batch: readonly Bytes[]) => Promise<void>;
  readonly #sent: (cost: number) => void;
  readonly #waiting: Bytes[] = [];
  #running: Promise<void> | undefined;
  #stopped = false;

  /**
   * @param write sends a batch; where it rejects, nothing more is sent.
   * @param sent told of each batch that was sent, by `costOf`.
   */
  constructor(write: (batch: readonly Bytes[]) => Promise<void>, sent: (cost: number) => void) {
    this.#write = write;
    this.#sent = sent;
  }

  add(bytes: Bytes): void {
    if (this.#stopped) return;
    this.#waiting.push(bytes);
    this.#running ??= this.#run();
  }

  /** Resolves when all that was added is sent, or will not be any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Drops what is waiting and whatever comes later. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  /** Protects one batch while the transport is taking the one before. */
  async #run(): Promise<void> {
    let before: Promise<void> | undefined;
    while (this.#waiting.length > 0) {
      const { batch, length } = this.#nextBatch();
      const sending = this.#send(batch);
      await before;
      before = sending;
      if (length >= batchSize) await nextTurn();
      // With nothing more to protect meanwhile, what comes now waits to be sent together.
      if (this.#waiting.length === 0) await before;
    }
    this.#running = undefined;
  }

  async #send(batch: readonly Bytes[]): Promise<void> {
    const cost = costOf(batch);
    try {
      await this.#write(batch);
      discard(batch);
      this.#sent(cost);
    } catch {
      this.stop();
    }
  }

  #nextBatch(): { batch: Bytes[]; length: number } {
    let length = 0;
    let count = 0;
    for (const chunk of this.#waiting) {
      if (count > 0 && length + chunk.length > batchSize) break;
      length += chunk.length;
      count += 1;
    }
    return { batch: this.#waiting.splice(0, count), length };
  }
}
