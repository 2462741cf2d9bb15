import { expect, test } from "vitest";
import type { Bytes } from "../crypto/bytes.ts";
import { discard } from "./discard.ts";

test("memory is given back, but for what is short or not alone in its buffer", () => {
  const whole: Bytes = new Uint8Array(16_400).subarray(5, 16_389);
  const another: Bytes = new Uint8Array(256 * 1024);
  const short: Bytes = new Uint8Array(1000);
  const part: Bytes = new Uint8Array(64 * 1024).subarray(0, 32 * 1024);
  discard([whole, another, short, part]);
  expect([whole, another, short, part].map(({ length }) => length)).toEqual([
    0,
    0,
    1000,
    32 * 1024,
  ]);
});

test("nothing to give back is no effort", () => {
  discard([]);
});
