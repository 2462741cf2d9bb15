/**
 * Reads the presentation language of TLS (RFC 8446 §3): numbers in network byte order and vectors
 * with a length in front. Every part is a bounded reader that has to end empty.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";

export class Reader {
  readonly #bytes: Bytes;
  readonly #what: string;
  #offset = 0;

  /** @param what names the structure in errors, e.g. `"ServerHello"`. */
  constructor(bytes: Bytes, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /**
   * Reads a whole structure.
   *
   * @throws TlsError `handshake/decode-error` where bytes are missing or left over.
   */
  static parse<T>(bytes: Bytes, what: string, read: (reader: Reader) => T): T {
    const reader = new Reader(bytes, what);
    const value = read(reader);
    reader.end();
    return value;
  }

  get isEmpty(): boolean {
    return this.#offset === this.#bytes.length;
  }

  u8(): number {
    return this.#number(1);
  }

  u16(): number {
    return this.#number(2);
  }

  u24(): number {
    return this.#number(3);
  }

  u32(): number {
    return this.#number(4);
  }

  /** An integer up to 2^53; larger ones lose their last bits. */
  u64(): number {
    return this.#number(8);
  }

  /** The next bytes, as a view of the input. */
  take(length: number): Bytes {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw this.error("ends too early");
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  /**
   * A vector `<min..2^(8·lengthSize)-1>`, as a view of the input.
   *
   * @param lengthSize bytes the length in front takes.
   */
  vector(lengthSize: 1 | 2 | 3, min = 0): Bytes {
    const length = this.#number(lengthSize);
    if (length < min) throw this.error(`has a vector of ${length} bytes, at least ${min} expected`);
    return this.take(length);
  }

  /** The elements of a vector, which they have to fill exactly. */
  list<T>(lengthSize: 1 | 2 | 3, min: number, read: (reader: Reader) => T): T[] {
    const inner = new Reader(this.vector(lengthSize, min), this.#what);
    const elements: T[] = [];
    while (!inner.isEmpty) elements.push(read(inner));
    return elements;
  }

  /** @throws TlsError `handshake/decode-error` where bytes are left over. */
  end(): void {
    const left = this.#bytes.length - this.#offset;
    if (left !== 0) throw this.error(`has ${left} bytes too many`);
  }

  /** The error for a structure that can't be read. */
  error(problem: string): TlsError {
    return new TlsError("handshake/decode-error", `The server's ${this.#what} ${problem}.`);
  }

  #number(size: number): number {
    let value = 0;
    for (const byte of this.take(size)) value = value * 256 + byte;
    return value;
  }
}
