import { afterEach, expect, test, vi } from "vitest";
import { throwBallast } from "./ballast.ts";

afterEach(() => void vi.unstubAllGlobals());

test("it is as much as V8's limit", () => {
  const lengths: number[] = [];
  class Counted extends ArrayBuffer {
    constructor(length: number) {
      super(length);
      lengths.push(length);
    }
  }
  vi.stubGlobal("ArrayBuffer", Counted);
  throwBallast();
  expect(lengths).toEqual([64 * 1024 * 1024]);
});

test("where there is no room for it, nothing happens", () => {
  class Refused {
    constructor() {
      throw new RangeError("Array buffer allocation failed");
    }
  }
  vi.stubGlobal("ArrayBuffer", Refused);
  throwBallast();
});
