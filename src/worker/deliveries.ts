/**
 * Plaintext on its way to the page, in few and large messages: each costs both threads about as much
 * as the decryption of some records.
 *
 * @module
 */

import { nextTurn } from "../bridge/turn.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";
import { CreditWindow, costOf } from "../stream/credit.ts";
import { batchSize } from "./fairness.ts";
import { joined } from "./joining.ts";

/** A delivery of so many bytes at once is one of many: more is about to come. */
const bulk = 32 * 1024;

/**
 * Posts at once what comes in small portions. Of what comes in large ones it makes batches: they are
 * held back for as long as each turn of the event loop brings more.
 */
export class Deliveries {
  readonly #post: (chunks: Bytes[]) => void;
  /** What was accepted, held back or posted, and the page's reader has not taken. */
  readonly #window = new CreditWindow();
  #held: Bytes[] = [];
  #heldCost = 0;
  #isLingering = false;
  /** Counts deliveries. */
  #count = 0;

  constructor(post: (chunks: Bytes[]) => void) {
    this.#post = post;
  }

  /** Whether there is anything that the page has not taken. */
  get isUnread(): boolean {
    return this.#window.outstanding > 0;
  }

  /** Accepts chunks as soon as there is room for them; after {@link stop} they are dropped. */
  async deliver(chunks: readonly Bytes[]): Promise<void> {
    const cost = costOf(chunks);
    try {
      await this.#window.reserve(cost);
    } catch {
      // The connection is over, and what it still brought is nobody's.
      return;
    }
    this.#count++;
    this.#held.push(...chunks);
    this.#heldCost += cost;
    const isWhole = this.#heldCost >= batchSize || this.#window.isFull;
    if (cost < bulk || isWhole) this.flush();
    else void this.#linger();
  }

  /** The page's reader has taken so much, by `costOf`. */
  give(cost: number): void {
    this.#window.give(cost);
  }

  /** Posts what is held back: there is news that belongs behind it. */
  flush(): void {
    if (this.#held.length === 0) return;
    const chunks = joined(this.#held);
    // The page will count what it gets.
    this.#window.give(this.#heldCost - costOf(chunks));
    this.#held = [];
    this.#heldCost = 0;
    this.#post(chunks);
  }

  /** The page takes nothing any more. */
  stop(error: TlsError): void {
    this.#window.fail(error);
    this.#held = [];
  }

  /** Posts what is held back once a turn brings nothing. */
  async #linger(): Promise<void> {
    if (this.#isLingering) return;
    this.#isLingering = true;
    let seen: number;
    do {
      seen = this.#count;
      await nextTurn();
    } while (this.#held.length > 0 && this.#count !== seen);
    this.#isLingering = false;
    this.flush();
  }
}
