import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { RecordQueue } from "./record-queue.ts";

const maxLength = 2 ** 14 + 256;

/** A record whose fragment tells its length. */
function record(length: number, type = 23, version = 0x0303): Bytes {
  const fragment = new Uint8Array(length).fill(length);
  const header = [type, version >> 8, version & 0xff, length >> 8, length & 0xff];
  return concat(Uint8Array.from(header), fragment);
}

function queued(...chunks: Bytes[]): RecordQueue {
  const queue = new RecordQueue();
  for (const chunk of chunks) queue.push(chunk);
  return queue;
}

function takeAll(queue: RecordQueue): Bytes[] {
  const records: Bytes[] = [];
  for (;;) {
    const found = queue.find(100, maxLength);
    if (found === undefined) return records;
    for (const size of found.sizes) records.push(concat(...queue.take(size)));
  }
}

const lengths = [3, 0, 300, 1];
const stream = concat(...lengths.map((length) => record(length)));
const sizes = lengths.map((length) => length + 5);

describe("RecordQueue", () => {
  test("finds the same records for every split of the stream in two, and byte by byte", () => {
    const whole = lengths.map((length) => record(length));
    for (let at = 0; at <= stream.length; at++) {
      const queue = queued(stream.slice(0, at), stream.slice(at));
      expect(queue.find(100, maxLength)).toEqual({ sizes, isData: true });
      expect(takeAll(queue)).toEqual(whole);
    }
    const single = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(takeAll(queued(...single))).toEqual(whole);
  });

  test("finds what is whole, and no more than asked for", () => {
    const queue = queued(stream.slice(0, -1));
    expect(queue.find(100, maxLength)?.sizes).toEqual(sizes.slice(0, 3));
    expect(queue.find(2, maxLength)?.sizes).toEqual(sizes.slice(0, 2));
    expect(queued().find(100, maxLength)).toBeUndefined();
    expect(queued(stream.slice(0, 4)).find(100, maxLength)).toBeUndefined();
  });

  test.each([
    ["an alert", record(2, 21)],
    ["another version", record(2, 23, 0x0301)],
  ])("finds one kind at a time: %s", (_, other) => {
    const queue = queued(concat(stream, other, other, stream));
    const kinds: [number, boolean][] = [];
    for (let found = queue.find(100, maxLength); found; found = queue.find(100, maxLength)) {
      kinds.push([found.sizes.length, found.isData]);
      for (const size of found.sizes) queue.take(size);
    }
    expect(kinds).toEqual([
      [lengths.length, true],
      [2, false],
      [lengths.length, true],
    ]);
  });

  test("refuses a bad header behind what came before it", () => {
    const queue = queued(concat(stream, record(maxLength + 1)));
    expect(takeAll(queued(stream))).toHaveLength(lengths.length);
    expect(queue.find(100, maxLength)?.sizes).toEqual(sizes);
    queue.take(stream.length);
    expect(() => queue.find(100, maxLength)).toThrow("at most 16640 are allowed");
  });

  test("gives views", () => {
    const [first, second] = [stream.slice(0, 100), stream.slice(100)];
    const queue = queued(first, second);
    const taken = [...queue.take(60), ...queue.take(60)];
    expect(taken.map(({ buffer }) => buffer)).toEqual([first.buffer, first.buffer, second.buffer]);
    expect(concat(...taken)).toEqual(stream.slice(0, 120));
  });
});

describe("what is given away", () => {
  const chunk = new Uint8Array(8192).map((_, index) => index);

  test.each([
    [5000, "the rest is copied"],
    [3000, "they are copied"],
  ])("of %i bytes out of 8192: %s", (length) => {
    const queue = queued(chunk);
    const [given] = queue.detach(queue.take(length));
    const [left] = queue.take(chunk.length - length);
    expect(given?.buffer === chunk.buffer).toBe(length === 5000);
    expect(left?.buffer === chunk.buffer).toBe(length !== 5000);
    expect(concat(given as Bytes, left as Bytes)).toEqual(chunk);
  });

  test("short pieces are joined", () => {
    const queue = queued(...Array.from(stream, (byte) => Uint8Array.of(byte)));
    const given = queue.detach(queue.take(stream.length));
    expect(given).toEqual([stream]);
  });
});
