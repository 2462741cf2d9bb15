import { expect, test } from "vitest";
import { Transcript } from "./transcript.ts";

test("a transcript that is cleared holds no message, and nothing of the records they came in", () => {
  const transcript = new Transcript();
  transcript.add(Uint8Array.of(1, 0, 0, 1, 7));
  transcript.add(Uint8Array.of(2, 0, 0, 0));
  expect([...transcript.bytes()]).toEqual([1, 0, 0, 1, 7, 2, 0, 0, 0]);
  transcript.clear();
  expect(transcript.bytes()).toHaveLength(0);
});
