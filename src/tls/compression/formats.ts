/**
 * What the platform's `DecompressionStream` can decompress.
 *
 * @module
 */

/** Of the formats of the Compression Streams Standard, those that certificates come in. */
export type StreamFormat = "deflate" | "brotli";

const known = new Map<StreamFormat, boolean>();

/** Whether the platform has the format. */
export function platformHas(format: StreamFormat): boolean {
  const has = known.get(format) ?? isTaken(format);
  known.set(format, has);
  return has;
}

function isTaken(format: StreamFormat): boolean {
  try {
    streamOf(format);
    return true;
  } catch {
    return false;
  }
}

/** The types know fewer formats than platforms do. */
export function streamOf(format: StreamFormat): DecompressionStream {
  return new DecompressionStream(format as CompressionFormat);
}
