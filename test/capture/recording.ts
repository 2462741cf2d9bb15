/**
 * What went over a connection, both ways, in the order it went.
 *
 * @module
 */

export type Direction = "toServer" | "toClient";

/** Bytes that went one way at once. */
export interface Piece {
  readonly direction: Direction;
  readonly bytes: Buffer;
}

export class Recording {
  readonly pieces: Piece[] = [];

  add(direction: Direction, bytes: Uint8Array): void {
    this.pieces.push({ direction, bytes: Buffer.from(bytes) });
  }

  /** All that went one way. */
  all(direction: Direction): Buffer {
    return Buffer.concat(this.pieces.filter((p) => p.direction === direction).map((p) => p.bytes));
  }
}

/** A TLS record as it stands on the wire (RFC 8446 §5.1). */
export interface WireRecord {
  readonly type: number;
  /** Where its header begins. */
  readonly offset: number;
  readonly fragment: Buffer;
}

/** @throws Error where the bytes are not whole records. */
export function recordsOf(stream: Buffer): WireRecord[] {
  const records: WireRecord[] = [];
  for (let offset = 0; offset < stream.length; ) {
    const end = offset + 5 + stream.readUInt16BE(offset + 3);
    if (end > stream.length) throw new Error(`the record at ${offset} is cut off`);
    const fragment = stream.subarray(offset + 5, end);
    records.push({ type: stream.readUInt8(offset), offset, fragment });
    offset = end;
  }
  return records;
}

/** The same bytes with one bit turned over; the bits count from the first byte's highest. */
export function withBitTurned(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = bit >> 3;
  copy[at] = (copy[at] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}
