/**
 * Bringing forward the first collection of garbage.
 *
 * The large buffers of a download are given back by hand (`bridge/discard`). What is left is a tenth of
 * its bytes: objects that the platform makes for each decryption, which only a collection of the whole
 * heap frees. V8 makes the first one when 64 MiB have come together, and sees only then how little of
 * it lives; from then on it collects after every 16 MiB or so. Without ballast, a worker that downloads
 * holds once what it never needs again.
 *
 * So some of the 64 MiB are memory that is never touched, and takes up none: addresses only.
 *
 * @module
 */

/** In bytes: with it, the first collection comes after the 4 MiB that are left. */
const weight = 60 * 1024 * 1024;
/**
 * Bytes delivered before it is let go. By then V8 has it among what lives long, which only a collection
 * of the whole heap looks through. That has yet to come: were it still held then, V8 would take it for
 * what this worker needs, and collect the less.
 */
const letGoAt = 10 * 1024 * 1024;

/** One for a worker, once it has a large download. */
export class Ballast {
  #delivered = 0;
  #held: ArrayBuffer | undefined;

  /** So many bytes have gone to the page. */
  delivered(bytes: number): void {
    if (this.#delivered >= letGoAt) return;
    if (this.#delivered === 0) this.#held = allocated();
    this.#delivered += bytes;
    if (this.#delivered >= letGoAt) this.#held = undefined;
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held?.byteLength ?? 0;
  }
}

/** Where addresses are scarce, it goes without. */
function allocated(): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(weight);
  } catch {
    return undefined;
  }
}
