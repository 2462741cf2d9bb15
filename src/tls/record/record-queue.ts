/**
 * Records in the chunks that they came in, which they span as they like: found, and not copied.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { contentType } from "../messages/registry.ts";
import { fragmentLength, headerError, headerLength } from "./header.ts";

/** On average, in bytes: below it, pieces are joined before they are given away. */
const leastPiece = 1024;

/** Whole records, one behind another. */
export interface FoundRecords {
  /** Of each, in bytes, with its header. */
  readonly sizes: number[];
  /** Whether all are protected application data with the version that such records carry, or none is. */
  readonly isData: boolean;
}

/** What has come and has not been taken. */
export class RecordQueue {
  /** None of them empty. */
  #pieces: Bytes[] = [];
  #length = 0;

  push(chunk: Bytes): void {
    if (chunk.length > 0) this.#pieces.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * The whole records at the beginning that are of one kind, and no more than `max`; undefined where
   * none is here yet. They stay where they are.
   *
   * @param maxLength of a fragment, in bytes.
   * @throws TlsError `record/overflow`, `record/malformed`, `record/unexpected-type` of the first.
   */
  find(max: number, maxLength: number): FoundRecords | undefined {
    const sizes: number[] = [];
    let isData = true;
    const cursor = new Cursor(this.#pieces);
    for (let left = this.#length; left >= headerLength && sizes.length < max; ) {
      const header = cursor.peek(headerLength);
      const isOther = !isProtectedData(header);
      if (sizes.length === 0) isData = !isOther;
      else if (isData === isOther) break;
      const error = headerError(header, maxLength);
      // What came before it is for whoever asks first.
      if (error !== undefined && sizes.length > 0) break;
      if (error !== undefined) throw error;
      const size = headerLength + fragmentLength(header);
      if (size > left) break;
      sizes.push(size);
      cursor.skip(size);
      left -= size;
    }
    return sizes.length > 0 ? { sizes, isData } : undefined;
  }

  /** Takes so many bytes off the beginning, which have to be here. */
  take(length: number): Bytes[] {
    const taken: Bytes[] = [];
    let whole = 0;
    for (let missing = length; missing > 0; ) {
      const piece = this.#pieces[whole] as Bytes;
      taken.push(piece.subarray(0, missing));
      if (piece.length <= missing) whole++;
      else this.#pieces[whole] = piece.subarray(missing);
      missing -= Math.min(missing, piece.length);
    }
    this.#pieces.splice(0, whole);
    this.#length -= length;
    return taken;
  }

  /**
   * Makes of what was taken, in this order, what can be given away with its memory: of buffers that
   * are in part still here, the lesser part is copied. Memory of short pieces is not worth giving away.
   */
  detach(taken: readonly Bytes[]): Bytes[] {
    const length = sum(taken);
    if (length < taken.length * leastPiece) return [concat(...taken)];
    const gone = bytesByBuffer(taken);
    const left = bytesByBuffer(this.#pieces);
    const stays = ({ buffer }: Bytes) => (left.get(buffer) ?? 0) > (gone.get(buffer) ?? 0);
    this.#pieces = this.#pieces.map((piece) =>
      gone.has(piece.buffer) && !stays(piece) ? piece.slice() : piece,
    );
    return taken.map((piece) => (stays(piece) ? piece.slice() : piece));
  }
}

function bytesByBuffer(pieces: readonly Bytes[]): Map<ArrayBuffer, number> {
  const bytes = new Map<ArrayBuffer, number>();
  for (const { buffer, length } of pieces) bytes.set(buffer, (bytes.get(buffer) ?? 0) + length);
  return bytes;
}

function sum(pieces: readonly Bytes[]): number {
  return pieces.reduce((total, { length }) => total + length, 0);
}

/** A place in a row of pieces. */
class Cursor {
  readonly #pieces: readonly Bytes[];
  #index = 0;
  #offset = 0;

  constructor(pieces: readonly Bytes[]) {
    this.#pieces = pieces;
  }

  /** The next bytes, which have to be there. */
  peek(length: number): Bytes {
    const piece = this.#pieces[this.#index];
    const here = piece?.subarray(this.#offset, this.#offset + length);
    if (here?.length === length) return here;
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (let index = this.#index; filled < length; index++) {
      const from = index === this.#index ? this.#offset : 0;
      const part = (this.#pieces[index] as Bytes).subarray(from, from + length - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }

  skip(length: number): void {
    this.#offset += length;
    for (;;) {
      const piece = this.#pieces[this.#index];
      if (piece === undefined || this.#offset < piece.length) return;
      this.#offset -= piece.length;
      this.#index++;
    }
  }
}

function isProtectedData([type, major, minor]: Bytes): boolean {
  return type === contentType.applicationData && major === 3 && minor === 3;
}
