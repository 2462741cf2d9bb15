import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "./pace.ts";

const mebibyte = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets so many mebibytes come, one in so many milliseconds. @returns what is said of each. */
function come(pace: Pace, mebibytes: number, milliseconds: number): boolean[] {
  return Array.from({ length: mebibytes }, () => {
    vi.advanceTimersByTime(milliseconds);
    return pace.isReachedWith(mebibyte);
  });
}

test("a slow download is never fast", () => {
  expect(come(new Pace(), 100, 50)).not.toContain(true);
});

test("a fast one is told of once, also where it began slowly", () => {
  const pace = new Pace();
  expect(come(pace, 8, 50)).not.toContain(true);
  expect(come(pace, 100, 5).filter(Boolean)).toEqual([true]);
});
