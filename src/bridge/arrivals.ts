/**
 * What a WebSocket has brought and nobody has read: there is no limit to how much that is.
 *
 * @module
 */

/** A queue whose every step takes the same time, however long it is: an array's `shift` does not. */
export class Arrivals<Item> {
  #coming: Item[] = [];
  /** Those taken next, in reverse. */
  #going: Item[] = [];

  push(item: Item): void {
    this.#coming.push(item);
  }

  /** The oldest, or undefined where there is none. */
  shift(): Item | undefined {
    if (this.#going.length === 0) {
      this.#going = this.#coming.reverse();
      this.#coming = [];
    }
    return this.#going.pop();
  }
}
