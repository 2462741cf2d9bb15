/**
 * Writes the presentation language of TLS (RFC 8446 §3). The length in front of a vector is filled
 * in when its scope closes, so none can be wrong.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";

export class Writer {
  #buffer: Bytes = new Uint8Array(256);
  #length = 0;

  /** What `write` puts down, as bytes of their own. */
  static build(write: (writer: Writer) => void): Bytes {
    const writer = new Writer();
    write(writer);
    return writer.#buffer.slice(0, writer.#length);
  }

  u8(value: number): this {
    return this.#number(1, value);
  }

  u16(value: number): this {
    return this.#number(2, value);
  }

  u32(value: number): this {
    return this.#number(4, value);
  }

  /** An integer up to 2^53. */
  u64(value: number): this {
    return this.u32(Math.floor(value / 2 ** 32)).u32(value);
  }

  bytes(bytes: Uint8Array): this {
    const offset = this.#grow(bytes.length);
    this.#buffer.set(bytes, offset);
    return this;
  }

  /**
   * A vector: what `write` puts down, behind its length.
   *
   * @param lengthSize bytes the length takes.
   */
  vector(lengthSize: 1 | 2 | 3, write: (writer: this) => void): this {
    const offset = this.#grow(lengthSize);
    write(this);
    const length = this.#length - offset - lengthSize;
    if (length >= 256 ** lengthSize) {
      throw new TlsError(
        "configuration/invalid-option",
        `A list of ${length} bytes does not fit its place in the handshake. Offer fewer entries.`,
      );
    }
    this.#put(offset, lengthSize, length);
    return this;
  }

  #number(size: number, value: number): this {
    this.#put(this.#grow(size), size, value);
    return this;
  }

  #put(offset: number, size: number, value: number): void {
    for (let index = offset + size - 1; index >= offset; index--) {
      this.#buffer[index] = value & 0xff;
      value >>>= 8;
    }
  }

  #grow(by: number): number {
    const offset = this.#length;
    this.#length += by;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, offset));
      this.#buffer = larger;
    }
    return offset;
  }
}
