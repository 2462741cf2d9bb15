import { Duplex } from "node:stream";
import { brotliCompressSync, constants, createBrotliDecompress, deflateSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { maxHandshakeMessage } from "../limits.ts";
import { decompressBrotli } from "./brotli.ts";
import { decompressorsFor } from "./decompressor.ts";
import { decompressByPlatform } from "./platform.ts";

const text = "A certificate has much that repeats, such as names. ".repeat(50);
const plain = new TextEncoder().encode(text);
const { length } = plain;
const bytes = (buffer: Uint8Array): Bytes => new Uint8Array(buffer);

/** @param quality of 0 to 11. @param window bits of 10 to 24. */
function brotli(data: Uint8Array, quality = 11, window = 22): Bytes {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: window,
  };
  return bytes(brotliCompressSync(data, { params }));
}

test("zlib and brotli are had where the platform has streams, in the order asked for", () => {
  const numbers = (...names: ("zlib" | "brotli")[]) =>
    decompressorsFor(names).map(({ algorithm }) => algorithm);
  expect(numbers("zlib", "brotli")).toEqual([1, 2]);
  expect(numbers("brotli", "zlib")).toEqual([2, 1]);
  expect(numbers()).toEqual([]);
  expect(decompressorsFor().map(({ algorithm }) => algorithm)).toEqual([1, 2]);
});

describe("zlib by the platform", () => {
  const inflate = (compressed: Uint8Array, as = length) =>
    decompressByPlatform("deflate", bytes(compressed), as);
  const compressed = deflateSync(plain);

  test("gives back what was compressed", async () => {
    expect(await inflate(compressed)).toEqual(plain);
    expect(await inflate(deflateSync(plain, { level: 0 }))).toEqual(plain);
    const longest = new Uint8Array(maxHandshakeMessage).fill(1);
    expect(await inflate(deflateSync(longest), longest.length)).toEqual(longest);
  });

  test.each([
    ["shorter than declared", compressed, length + 1],
    ["longer than declared", compressed, length - 1],
    ["cut off", compressed.subarray(0, -1), length],
    ["empty", new Uint8Array(), length],
    ["something else", Uint8Array.of(1, 2, 3, 4), length],
    ["with a wrong checksum", flipLast(compressed), length],
    ["with a byte behind its end", Uint8Array.of(...compressed, 0), length],
    ["with another stream behind its end", Uint8Array.of(...compressed, ...compressed), length],
  ])("refuses what is %s", async (_, stream, declared) => {
    await expect(inflate(stream, declared)).rejects.toThrow(Error);
  });

  test("does not unfold what is far longer than declared", async () => {
    const bomb = deflateSync(new Uint8Array(64 << 20));
    const before = process.memoryUsage().arrayBuffers;
    await expect(inflate(bomb, 1000)).rejects.toThrow("more than 1000");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });
});

function flipLast(stream: Uint8Array): Uint8Array {
  return stream.map((byte, index) => (index === stream.length - 1 ? byte ^ 1 : byte));
}

describe("brotli by the library", () => {
  const qualities = Array.from({ length: 12 }, (_, quality) => quality);
  test.each(qualities)("gives back what was compressed with quality %i", async (quality) => {
    for (const window of [16, 17, 18, 22, 24]) {
      expect(decompressBrotli(brotli(plain, quality, window), length)).toEqual(plain);
    }
  });

  test("gives back what can't be compressed", async () => {
    const random = crypto.getRandomValues(new Uint8Array(5000));
    expect(decompressBrotli(brotli(random), random.length)).toEqual(random);
  });

  test("gives back what ends with an empty meta-block of its own", async () => {
    const flushed = brotliCompressSync(plain, { finishFlush: constants.BROTLI_OPERATION_FLUSH });
    const ended = Uint8Array.of(...flushed, 3);
    expect(decompressBrotli(ended, length)).toEqual(plain);
  });

  const compressed = brotli(plain);
  test.each([
    ["shorter than declared", compressed, length + 1],
    ["longer than declared", compressed, length - 1],
    ["cut off", compressed.subarray(0, -8), length],
    ["empty", bytes(new Uint8Array()), length],
    ["an empty stream", brotli(new Uint8Array()), length],
    ["something else", bytes(plain), length],
    // WBITS 0010001, which RFC 7932 §9.1 reserves.
    ["of a window larger than the largest", Uint8Array.of(0x11, 0, 0, 0, 0, 0), length],
    ["metadata", Uint8Array.of(0x0c, 0, 0, 0, 3), length],
  ])("refuses what is %s", async (_, stream, declared) => {
    expect(() => decompressBrotli(stream, declared)).toThrow(Error);
  });

  test("does not unfold what is far longer than declared", async () => {
    // Some hundred bytes for 64 MiB, in several meta-blocks.
    const bomb = brotli(new Uint8Array(64 << 20), 5, 24);
    expect(bomb.length).toBeLessThan(200);
    expect(() => decompressBrotli(bomb, 1000)).toThrow("first meta-block has");
    // A first meta-block of the length declared, and then the bomb.
    const flushed = brotliCompressSync(new Uint8Array(1000), {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
      params: { [constants.BROTLI_PARAM_LGWIN]: 24 },
    });
    const hidden = Uint8Array.of(...flushed, ...bomb);
    expect(decompressBrotli(hidden, 1000)).toEqual(new Uint8Array(1000));
  });
});

describe("brotli by the platform, where it has it", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** Platforms that have it hand it out under this name. */
  function stub(): { isUsed: boolean } {
    const seen = { isUsed: false };
    class PlatformStream {
      readonly readable: ReadableStream;
      readonly writable: WritableStream;
      constructor(format: string) {
        if (format !== "brotli") throw new TypeError(`no format ${format}`);
        const { readable, writable } = Duplex.toWeb(createBrotliDecompress());
        this.readable = readable as ReadableStream;
        this.writable = writable as WritableStream;
        seen.isUsed = true;
      }
    }
    vi.stubGlobal("DecompressionStream", PlatformStream);
    vi.resetModules();
    return seen;
  }

  test("is preferred, and zlib is not offered where there is none", async () => {
    const seen = stub();
    const { decompressorsFor } = await import("./decompressor.ts");
    const [only, ...others] = decompressorsFor();
    expect(others).toEqual([]);
    expect(only?.algorithm).toBe(2);
    seen.isUsed = false;
    expect(await only?.decompress(brotli(plain), length)).toEqual(plain);
    expect(seen.isUsed).toBe(true);
  });

  test("is bounded too", async () => {
    stub();
    const { decompressByPlatform } = await import("./platform.ts");
    const bomb = brotli(new Uint8Array(64 << 20), 5, 24);
    await expect(decompressByPlatform("brotli", bomb, 1000)).rejects.toThrow("more than 1000");
  });
});
