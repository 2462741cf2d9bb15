/**
 * Changes of bytes as a fuzzer makes them: small ones, at places and of kinds that the random
 * numbers choose, so that a seed makes them again.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number;

/** A whole number below the limit. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of the list, which has to have an entry. */
export function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[below(random, list.length)] ?? list[0];
}

/** Random bytes. */
export function noise(random: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => below(random, 256));
}

type Change = (bytes: Bytes, random: Random, others: readonly Bytes[]) => Bytes;

/** Values at which lengths, counts and signs turn over. */
const edges = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff] as const;

/** Sums that move a length off by one, by little, or over to another size. */
const steps = [1, -1, 2, -2, 4, -4, 255, 256, -256, 0x7fff] as const;

const changes: readonly [Change, ...Change[]] = [
  function flipBit(bytes, random) {
    return changed(bytes, random, (byte) => byte ^ (1 << below(random, 8)));
  },
  function setByte(bytes, random) {
    return changed(bytes, random, () => below(random, 256));
  },
  function setEdge(bytes, random) {
    return changed(bytes, random, () => pick(random, edges));
  },
  function stepNumber(bytes, random) {
    if (bytes.length < 2) return bytes;
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    const at = below(random, bytes.length - 1);
    view.setUint16(at, view.getUint16(at) + pick(random, steps));
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, below(random, bytes.length + 1));
  },
  function leaveOut(bytes, random) {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, from), bytes.subarray(to));
  },
  function double(bytes, random) {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, to), bytes.subarray(from));
  },
  function insert(bytes, random) {
    const at = below(random, bytes.length + 1);
    const added = noise(random, 1 + below(random, 8));
    return concat(bytes.subarray(0, at), added, bytes.subarray(at));
  },
  function append(bytes, random) {
    return concat(bytes, noise(random, 1 + below(random, 4)));
  },
  function splice(bytes, random, others) {
    const other = others[below(random, others.length)] ?? bytes;
    return concat(
      bytes.subarray(0, below(random, bytes.length + 1)),
      other.subarray(below(random, other.length + 1)),
    );
  },
];

/**
 * The bytes with one to three changes: bits, numbers and lengths edited, parts left out, doubled,
 * inserted or cut off, or the end of another message in place of their own.
 *
 * @param others what ends are taken from.
 */
export function mutateBytes(bytes: Bytes, random: Random, others: readonly Bytes[] = []): Bytes {
  let result = bytes;
  for (let left = 1 + below(random, 3); left > 0; left--) {
    result = pick(random, changes)(result, random, others);
  }
  return result;
}

function changed(bytes: Bytes, random: Random, change: (byte: number) => number): Bytes {
  const copy = bytes.slice();
  const at = below(random, copy.length);
  const byte = copy[at];
  if (byte !== undefined) copy[at] = change(byte);
  return copy;
}

/** Mostly short, as fields are. */
function range(bytes: Bytes, random: Random): readonly [from: number, to: number] {
  const from = below(random, bytes.length + 1);
  const longest = random() < 0.8 ? 8 : bytes.length;
  return [from, Math.min(bytes.length, from + 1 + below(random, longest))];
}
