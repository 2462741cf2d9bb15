import { describe, expect, test } from "vitest";
import { codeThrown } from "../../../test/failure.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("Reader", () => {
  test("reads numbers in network byte order", () => {
    const read = Reader.parse(bytes(1, 2, 3, 0xff, 8, 9, 10), "test", (r) => [
      r.u8(),
      r.u16(),
      r.u32(),
    ]);
    expect(read).toEqual([1, 0x0203, 0xff08090a]);
  });

  test("reads vectors as views of the input, not copies", () => {
    const input = bytes(2, 7, 8);
    const vector = Reader.parse(input, "test", (r) => r.vector(1));
    expect(vector).toEqual(bytes(7, 8));
    expect(vector.buffer).toBe(input.buffer);
  });

  test("reads lists whose elements fill them exactly", () => {
    const list = (input: Uint8Array<ArrayBuffer>) =>
      Reader.parse(input, "test", (r) => r.list(1, 2, (inner) => inner.u16()));
    expect(list(bytes(4, 0, 1, 0, 2))).toEqual([1, 2]);
    expect(codeThrown(() => list(bytes(3, 0, 1, 0)))).toBe("handshake/decode-error");
    expect(codeThrown(() => list(bytes(0)))).toBe("handshake/decode-error");
  });

  test.each([
    ["a number", bytes(1), (r: Reader) => r.u16()],
    ["a vector's length", bytes(1), (r: Reader) => r.vector(2)],
    ["a vector's content", bytes(3, 1, 2), (r: Reader) => r.vector(1)],
    ["nothing", bytes(1), () => undefined],
  ])("refuses missing and trailing bytes: %s", (_, input, read) => {
    expect(codeThrown(() => Reader.parse<unknown>(input, "test", read))).toBe(
      "handshake/decode-error",
    );
  });

  test("does not read into what follows a vector", () => {
    const read = () =>
      Reader.parse(bytes(1, 9, 9), "test", (r) => r.list(1, 0, (inner) => inner.u16()));
    expect(codeThrown(read)).toBe("handshake/decode-error");
  });
});

describe("Writer", () => {
  test("puts the length in front of each vector, nested ones too", () => {
    const written = Writer.build((w) => {
      w.u16(0x0303).vector(2, () => {
        w.u8(1).vector(1, () => w.bytes(bytes(7, 8)));
      });
    });
    expect(written).toEqual(bytes(3, 3, 0, 4, 1, 2, 7, 8));
  });

  test("grows beyond its first buffer", () => {
    const long = new Uint8Array(70_000).fill(5);
    const written = Writer.build((w) => w.vector(3, () => w.bytes(long)));
    expect(written.length).toBe(70_003);
    expect(written.subarray(0, 4)).toEqual(bytes(1, 0x11, 0x70, 5));
  });

  test("refuses a vector that its length can't hold", () => {
    const write = () => Writer.build((w) => w.vector(1, () => w.bytes(new Uint8Array(256))));
    expect(codeThrown(write)).toBe("configuration/invalid-option");
  });
});
