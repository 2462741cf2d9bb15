import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BallastMeter } from "./ballast.ts";

const mebibyte = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Delivers so many mebibytes, one in so many milliseconds. @returns with which ones it was due. */
function due(mebibytes: number, milliseconds: number): number[] {
  const meter = new BallastMeter();
  return Array.from({ length: mebibytes }, (_, index) => index + 1).filter(() => {
    vi.advanceTimersByTime(milliseconds);
    return meter.isDueWith(mebibyte);
  });
}

test("it is due by what a slow download has delivered", () => {
  expect(due(80, 100)).toEqual([24, 48, 72]);
});

test("of a fast one it never is", () => {
  expect(due(1000, 4)).toEqual([]);
});
