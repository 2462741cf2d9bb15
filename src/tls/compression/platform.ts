/**
 * Decompression by the platform's `DecompressionStream`, in bounded memory. This module is loaded
 * when the first server compresses its certificate.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type StreamFormat, streamOf } from "./formats.ts";

/**
 * Bytes given to the platform at once. It may make all of their result before anybody can stop it,
 * so that this times the strongest compression there is counts: 1032 for deflate, and 16 MiB for each
 * few bytes of brotli.
 */
const sliceLength: Readonly<Record<StreamFormat, number>> = { deflate: 1024, brotli: 8 };

/**
 * @param length of the result, in bytes.
 * @throws whatever the platform does for what is not of the format; Error for a result of another
 * length, which is noticed when it gets too long, and for bytes behind its end.
 */
export async function decompressByPlatform(
  format: StreamFormat,
  compressed: Bytes,
  length: number,
): Promise<Bytes> {
  const result = new Uint8Array(length);
  if ((await decompressInto(result, format, compressed)) !== length) {
    throw new Error(`It decompresses to less than ${length} bytes.`);
  }
  if (await isWhole(format, compressed.subarray(0, -1), length)) {
    throw new Error("There are bytes behind the end of what is compressed.");
  }
  return result;
}

/** Node drops what stands behind the end of a stream, which the standard would have refused. */
async function isWhole(format: StreamFormat, compressed: Bytes, length: number): Promise<boolean> {
  try {
    await decompressInto(new Uint8Array(length), format, compressed);
    return true;
  } catch {
    return false;
  }
}

/** @returns how many bytes there were. */
async function decompressInto(
  result: Bytes,
  format: StreamFormat,
  compressed: Bytes,
): Promise<number> {
  const slices = slicesOf(compressed, sliceLength[format]);
  const reader = slices.pipeThrough(streamOf(format)).getReader();
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return filled;
    if (value.length > result.length - filled) {
      await reader.cancel();
      throw new Error(`It decompresses to more than ${result.length} bytes.`);
    }
    result.set(value, filled);
    filled += value.length;
  }
}

/** A stream of parts, each of them made when the one before it has been used up. */
function slicesOf(bytes: Bytes, length: number): ReadableStream<Bytes> {
  let offset = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (offset >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(offset, offset + length));
        offset += length;
      },
    },
    { highWaterMark: 0 },
  );
}
