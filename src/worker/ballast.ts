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
/** For so much, in milliseconds: collections at V8's own pace take less of what a faster download needs. */
const leastTime = 500;

/** Counts what a worker delivers, on all of its connections. */
export class BallastMeter {
  #bytes = 0;
  #since = performance.now();

  /** So many bytes more have gone to the page. @returns whether ballast is due. */
  isDueWith(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes < every) return false;
    const now = performance.now();
    const isSlow = now - this.#since >= leastTime;
    this.#bytes = 0;
    this.#since = now;
    return isSlow;
  }
}
