/**
 * When ballast is thrown (`stream/ballast`).
 *
 * @module
 */

/** In bytes delivered. V8 heeds every second time: at the other, it counts what it has just collected. */
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
