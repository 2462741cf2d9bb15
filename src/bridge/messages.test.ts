import { expect, test } from "vitest";
import type { Bytes } from "../crypto/bytes.ts";
import { messageSize, messages } from "./messages.ts";

const chunk = (length: number, byte: number): Bytes => new Uint8Array(length).fill(byte);

test("chunks are joined up to the size of a message, and none is empty", () => {
  const parts = [chunk(3, 1), chunk(0, 0), chunk(messageSize - 3, 2), chunk(5, 3)];
  const expected = Buffer.concat(parts.slice(0, 3));
  const found = [...messages(parts)].map(({ bytes }) => bytes);
  expect(found.map(({ length }) => length)).toEqual([messageSize, 5]);
  expect(Buffer.compare(found[0] ?? Buffer.of(), expected)).toBe(0);
  expect([...messages([chunk(0, 0)])]).toEqual([]);
});

test("the records of 256 KiB are one message", () => {
  const records = Array.from({ length: 16 }, () => [chunk(5, 1), chunk(8 + 16_384 + 16, 2)]);
  expect([...messages(records.flat())]).toHaveLength(1);
});

test("a single chunk is a message as it is, however long", () => {
  const large = chunk(messageSize * 2, 1);
  expect([...messages([large])].map(({ bytes }) => bytes)).toEqual([large]);
});

test("memory is used again once it is released, and never before", () => {
  const half = 64 * 1024;
  const joined = (byte: number) => [...messages([chunk(half, byte), chunk(half, byte)])][0];
  const first = joined(1);
  const second = joined(2);
  expect(first?.bytes).toEqual(chunk(half * 2, 1));
  expect(second?.bytes.buffer).not.toBe(first?.bytes.buffer);
  first?.release();
  expect(joined(3)?.bytes.buffer).toBe(first?.bytes.buffer);
});

test("short messages take no more memory than they hold", () => {
  const [message] = messages([chunk(5, 1), chunk(100, 2)]);
  expect(message?.bytes.buffer.byteLength).toBe(105);
  message?.release();
  const [next] = messages([chunk(5, 1), chunk(100, 2)]);
  expect(next?.bytes.buffer).not.toBe(message?.bytes.buffer);
});
