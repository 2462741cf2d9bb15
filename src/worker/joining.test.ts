import { expect, test } from "vitest";
import type { Bytes } from "../crypto/bytes.ts";
import { joined } from "./joining.ts";

/** A chunk whose every byte is the same. */
const chunk = (length: number, byte: number): Bytes => new Uint8Array(length).fill(byte);
const shapes = (chunks: readonly Bytes[]) => chunks.map((bytes) => [bytes.length, bytes[0]]);

test("small chunks become one, in their order", () => {
  const records = [chunk(16_384, 1), chunk(16_384, 2), chunk(100, 3)];
  const [whole, ...others] = joined(records);
  expect(others).toEqual([]);
  expect(whole).toHaveLength(32_868);
  expect([whole?.[0], whole?.[16_383], whole?.[16_384], whole?.[32_768]]).toEqual([1, 1, 2, 3]);
});

test("large chunks, and a small one by itself, stay what they are", () => {
  const large = chunk(64 * 1024, 1);
  const alone = chunk(10, 2);
  const results = joined([large, alone, chunk(32 * 1024, 3), chunk(1, 4), chunk(1, 5)]);
  expect(shapes(results)).toEqual([
    [64 * 1024, 1],
    [10, 2],
    [32 * 1024, 3],
    [2, 4],
  ]);
  expect(results[0]).toBe(large);
  expect(results[1]).toBe(alone);
});

test("nothing is nothing", () => {
  expect(joined([])).toEqual([]);
});
