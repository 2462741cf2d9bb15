/**
 * Telling fast downloads from others.
 *
 * @module
 */

/** So many bytes within so many milliseconds are fast: 80 MB/s. */
const stretch = 8 * 1024 * 1024;
const shortTime = 100;

/** The pace of one connection. */
export class Pace {
  #bytes = 0;
  #since = performance.now();
  #isFast = false;

  /** So many bytes have come. @returns whether it is now, for the first time, that they came fast. */
  isReachedWith(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#isFast || this.#bytes < stretch) return false;
    const now = performance.now();
    this.#isFast = now - this.#since < shortTime;
    this.#since = now;
    this.#bytes = 0;
    return this.#isFast;
  }
}
