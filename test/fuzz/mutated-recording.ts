/**
 * Changes of a recorded connection as somebody on the way makes them, who has no keys.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { below, mutateBytes, noise, pick, type Random } from "./mutate.ts";

const headerLength = 5;

type Change = (records: Bytes[], random: Random, others: readonly Bytes[]) => void;

const changes: readonly [Change, ...Change[]] = [
  function bytes(records, random) {
    const at = below(random, records.length);
    records[at] = mutateBytes(records[at] ?? noise(random, 1), random);
  },
  function header(records, random) {
    const at = below(random, records.length);
    const record = records[at] ?? noise(random, headerLength);
    const changed = mutateBytes(record.subarray(0, headerLength), random);
    records[at] = concat(changed, record.subarray(headerLength));
  },
  function leaveOut(records, random) {
    records.splice(below(random, records.length), 1);
  },
  function twice(records, random) {
    const at = below(random, records.length);
    records.splice(at, 0, ...records.slice(at, at + 1));
  },
  function swap(records, random) {
    const at = below(random, records.length);
    records.splice(at, 2, ...records.slice(at, at + 2).reverse());
  },
  function move(records, random) {
    const [moved] = records.splice(below(random, records.length), 1);
    if (moved !== undefined) records.splice(below(random, records.length + 1), 0, moved);
  },
  function insert(records, random, others) {
    const other = others[below(random, others.length)] ?? noise(random, headerLength);
    records.splice(below(random, records.length + 1), 0, other);
  },
  function cutOff(records, random) {
    records.length = below(random, records.length + 1);
  },
];

/** A stream with one to three changes to its records, and what they were. */
export function mutateRecording(
  stream: Bytes,
  random: Random,
  others: readonly Bytes[],
): { stream: Bytes; changes: string[] } {
  const records = cutRecords(stream);
  const made: string[] = [];
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const change = pick(random, changes);
    change(records, random, others);
    made.push(change.name);
  }
  return { stream: concat(...records), changes: made };
}

/** The records of a stream that is whole. */
export function cutRecords(stream: Bytes): Bytes[] {
  const records: Bytes[] = [];
  for (let at = 0; at < stream.length; ) {
    const [high = 0, low = 0] = stream.subarray(at + 3, at + headerLength);
    const end = at + headerLength + high * 256 + low;
    records.push(stream.slice(at, end));
    at = end;
  }
  return records;
}
