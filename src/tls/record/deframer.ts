/**
 * Cuts records out of the chunks that the transport delivers (RFC 8446 §5.1). A record that lies
 * within one chunk is a view of it; only one that spans chunks is copied, once.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { maxFragment } from "../limits.ts";
import { fragmentLength, headerError, headerLength } from "./header.ts";
import type { Inflow } from "./inflow.ts";
import { giveBuffer, takeBuffer } from "./spare-buffers.ts";

/** A record as it came. */
export interface RawRecord {
  readonly type: number;
  /** The five bytes of the header, which AEADs authenticate. */
  readonly header: Bytes;
  readonly fragment: Bytes;
}

export class Deframer {
  /** Longest fragment accepted now: it grows when protection begins. */
  maxLength: number = maxFragment;
  /**
   * Whether nobody refers to records when the next chunk is asked for: so it is with application
   * data, which is decrypted into other memory. Messages of the handshake may be views of records.
   */
  reusesMemory = false;

  readonly inflow: Inflow;
  #chunk: Bytes = new Uint8Array(0);
  #offset = 0;
  /** A header or record that spans chunks, as long as it will be, and how much of it is here. */
  #partial: Bytes | undefined;
  #filled = 0;
  /** Spare buffers in use: of {@link #partial}, and of records that were given out. */
  #borrowed: Bytes[] = [];
  #returned: RawRecord[] = [];

  constructor(inflow: Inflow) {
    this.inflow = inflow;
  }

  /**
   * The next records: at least one, more where they are already here.
   *
   * @returns an empty list when the transport has ended, in the middle of a record or not.
   * @throws TlsError `record/overflow`, `record/malformed`, `record/unexpected-type`; what came
   * before the bad header is returned first.
   */
  async take(max: number): Promise<RawRecord[]> {
    const records = this.#returned.splice(0, max);
    for (;;) {
      while (records.length < max) {
        const record = this.#cut(records.length > 0);
        if (record === undefined) break;
        records.push(record);
      }
      if (records.length > 0) return records;
      this.#giveBack();
      const chunk = await this.inflow.pull();
      if (chunk === undefined) return records;
      this.#chunk = chunk;
      this.#offset = 0;
    }
  }

  /** All that has come and has not been taken, in memory of its own. It is forgotten here. */
  handOver(): Bytes {
    const returned = this.#returned.flatMap(({ header, fragment }) => [header, fragment]);
    const begun = this.#partial?.subarray(0, this.#filled) ?? new Uint8Array(0);
    const all = concat(...returned, begun, this.#chunk.subarray(this.#offset));
    this.#returned = [];
    this.#partial = undefined;
    this.#filled = 0;
    this.#offset = this.#chunk.length;
    this.#giveBack();
    return all;
  }

  /** Takes records back, to be taken again before all others. */
  giveBack(records: readonly RawRecord[]): void {
    this.#returned = [...records, ...this.#returned];
  }

  /** @param holdErrors leave a bad header where it is, to be found by the next call. */
  #cut(holdErrors: boolean): RawRecord | undefined {
    const available = this.#chunk.length - this.#offset;
    if (this.#partial === undefined && available >= headerLength) {
      const header = this.#chunk.subarray(this.#offset, this.#offset + headerLength);
      const length = this.#checkHeader(header, holdErrors);
      if (length === undefined) return undefined;
      if (available >= headerLength + length) {
        const start = this.#offset + headerLength;
        this.#offset = start + length;
        return {
          type: header[0] ?? 0,
          header,
          fragment: this.#chunk.subarray(start, this.#offset),
        };
      }
    }
    return available > 0 || this.#partial !== undefined ? this.#fill(holdErrors) : undefined;
  }

  /** Moves what is here into the partial record, and returns it once it is whole. */
  #fill(holdErrors: boolean): RawRecord | undefined {
    this.#partial ??= new Uint8Array(headerLength);
    const target = this.#partial;
    const count = Math.min(target.length - this.#filled, this.#chunk.length - this.#offset);
    target.set(this.#chunk.subarray(this.#offset, this.#offset + count), this.#filled);
    this.#offset += count;
    this.#filled += count;
    if (this.#filled < target.length) return undefined;
    const header = target.subarray(0, headerLength);
    const length = this.#checkHeader(header, holdErrors);
    if (length === undefined) return undefined;
    if (target.length === headerLength && length > 0) {
      this.#partial = this.#memoryFor(headerLength + length);
      this.#partial.set(header);
      return this.#fill(holdErrors);
    }
    this.#partial = undefined;
    this.#filled = 0;
    return { type: header[0] ?? 0, header, fragment: target.subarray(headerLength) };
  }

  #memoryFor(length: number): Bytes {
    if (!this.reusesMemory) return new Uint8Array(length);
    const buffer = takeBuffer();
    this.#borrowed.push(buffer);
    return buffer.subarray(0, length);
  }

  /** All records that were given out are done with; the one that is still coming is not. */
  #giveBack(): void {
    const inUse = this.#partial?.buffer;
    for (const buffer of this.#borrowed) if (buffer.buffer !== inUse) giveBuffer(buffer);
    this.#borrowed = this.#borrowed.filter(({ buffer }) => buffer === inUse);
  }

  /** @returns the fragment's length; undefined for a bad header while errors are held. */
  #checkHeader(header: Bytes, holdErrors: boolean): number | undefined {
    const error = headerError(header, this.maxLength);
    if (error === undefined) return fragmentLength(header);
    if (holdErrors) return undefined;
    throw error;
  }
}
