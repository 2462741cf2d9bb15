/**
 * Brotli (RFC 7932) by a library that is kept within bounds. This module is loaded when the first
 * server uses it.
 *
 * @module
 */

import { decompress } from "brotli/decompress.js";
import type { Bytes } from "../../crypto/bytes.ts";

/**
 * The library makes its output as long as the stream says in each meta-block: a few bytes stand for
 * 16 MiB, and there may be thousands. So it is given one meta-block only, and that of the length
 * declared. Encoders make one of what is as short as a certificate. What follows it is not looked at,
 * since the library does not say where it stopped: it can't change the certificate.
 *
 * @param length of the result, in bytes.
 * @throws Error for what is no brotli, has a result of another length, or more than one meta-block
 * with data.
 */
export function decompressBrotli(compressed: Bytes, length: number): Bytes {
  const block = firstMetaBlock(compressed, length);
  if (block.kind === "stored") return block.data;
  const result = decompress(block.stream, length);
  if (result.length !== length) throw new Error(`It decompresses to ${result.length} bytes.`);
  return new Uint8Array(result);
}

/** The data of a stream's first meta-block. */
type MetaBlock =
  | { readonly kind: "stored"; readonly data: Bytes }
  /** As a stream of its own, which ends with it. */
  | { readonly kind: "compressed"; readonly stream: Bytes };

/**
 * Reads the header of the stream and of its first meta-block (RFC 7932 §9.1, §9.2), which has to be
 * of the length given.
 */
export function firstMetaBlock(compressed: Bytes, length: number): MetaBlock {
  const bits = new HeaderBits(compressed);
  skipWindowSize(bits);
  const start = bits.position;
  const isLast = bits.take(1) === 1;
  if (isLast && bits.take(1) === 1) throw new Error("It is empty.");
  const nibbles = bits.take(2) + 4;
  if (nibbles === 7) throw new Error("It begins with metadata.");
  const blockLength = bits.take(4 * nibbles) + 1;
  if (blockLength !== length) throw new Error(`Its first meta-block has ${blockLength} bytes.`);
  if (isLast) return { kind: "compressed", stream: compressed };
  if (bits.take(1) === 0) {
    return { kind: "compressed", stream: bits.markedAsLast(start, bits.position) };
  }
  // ISUNCOMPRESSED: what follows at the next byte is the data itself.
  const at = Math.ceil(bits.position / 8);
  const data = compressed.slice(at, at + length);
  if (data.length !== length) throw new Error("It ends too early.");
  return { kind: "stored", data };
}

/** WBITS (RFC 7932 §9.1): 1, 4 or 7 bits. */
function skipWindowSize(bits: HeaderBits): void {
  if (bits.take(1) === 0 || bits.take(3) !== 0) return;
  if (bits.take(3) === 1) throw new Error("Its window is larger than brotli's largest.");
}

/** The first five bytes, as bits: lowest first (RFC 7932 §1.5.1). No header is longer. */
class HeaderBits {
  position = 0;
  readonly #bytes: Bytes;
  readonly #bits: bigint;

  constructor(bytes: Bytes) {
    if (bytes.length < headerLength) throw new Error("It ends too early.");
    this.#bytes = bytes;
    let bits = 0n;
    for (const [index, byte] of bytes.subarray(0, headerLength).entries()) {
      bits |= BigInt(byte) << BigInt(8 * index);
    }
    this.#bits = bits;
  }

  take(count: number): number {
    const mask = (1n << BigInt(count)) - 1n;
    const value = (this.#bits >> BigInt(this.position)) & mask;
    this.position += count;
    return Number(value);
  }

  /**
   * The bytes with a meta-block marked as the last one. The header of one that is not has ISLAST 0 at
   * its start and ISUNCOMPRESSED 0 at its end; that of the last one has ISLAST 1 and ISLASTEMPTY 0 at
   * its start. What stands between them moves up by one bit.
   */
  markedAsLast(start: number, end: number): Bytes {
    const field = ((1n << BigInt(end - start)) - 1n) << BigInt(start);
    const moved = ((this.#bits & field) << 1n) | (1n << BigInt(start));
    const bits = (this.#bits & ~field) | moved;
    const marked = this.#bytes.slice();
    for (let index = 0; index < headerLength; index++) {
      marked[index] = Number((bits >> BigInt(8 * index)) & 0xffn);
    }
    return marked;
  }
}

/** 7 bits of window, then 1 + 2 + 24 + 1. */
const headerLength = 5;
