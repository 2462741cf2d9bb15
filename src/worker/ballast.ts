/**
 * When ballast is thrown (`stream/ballast`).
 *
 * @module
 */

/**
 * In bytes delivered. It is half of what a collection is wanted for: when the next ballast comes, V8
 * mostly still counts what it has collected at the last, and only the one after that makes it look.
 */
const every = 24 * 1024 * 1024;
/** In milliseconds: garbage of faster downloads is collected at V8's own pace, which takes less time. */
const pause = 1_000;

/** Counts what a worker delivers, on all of its connections. */
export class BallastMeter {
  #bytes = 0;
  #thrownAt = Number.NEGATIVE_INFINITY;

  /** So many bytes more have gone to the page. @returns whether ballast is due. */
  isDueWith(bytes: number): boolean {
    this.#bytes += bytes;
    const now = performance.now();
    if (this.#bytes < every || now - this.#thrownAt < pause) return false;
    this.#bytes = 0;
    this.#thrownAt = now;
    return true;
  }
}
