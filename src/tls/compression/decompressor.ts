/**
 * How compressed certificates are had back (RFC 8879): which algorithms there are, and where each
 * comes from.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { loaded } from "../../loaded.ts";
import { type CertificateCompressionName, certificateCompressionNames } from "../server-options.ts";
import { platformHas } from "./formats.ts";

/** An algorithm that certificates may be compressed by. */
export interface CertificateDecompressor {
  /** CertificateCompressionAlgorithm, its number in the registry of RFC 8879 §7.3: 1 to 65535. */
  readonly algorithm: number;
  /**
   * Decompresses a Certificate message. What it throws, and a result of another length, end the
   * connection with `certificate/bad-compression`.
   *
   * @param length of the result in bytes, as the server says: 65536 at most. It must not take the
   * memory or the time that a longer result would take.
   */
  decompress(compressed: Bytes, length: number): Bytes | Promise<Bytes>;
}

/** RFC 8879 §7.3. */
const zlib: CertificateDecompressor = {
  algorithm: 1,
  async decompress(compressed, length) {
    const { decompressByPlatform } = await loaded(import("./platform.ts"));
    return decompressByPlatform("deflate", compressed, length);
  },
};

/** RFC 8879 §7.3. */
const brotli: CertificateDecompressor = {
  algorithm: 2,
  async decompress(compressed, length) {
    if (!platformHas("brotli")) {
      const { decompressBrotli } = await loaded(import("./brotli.ts"));
      return decompressBrotli(compressed, length);
    }
    const { decompressByPlatform } = await loaded(import("./platform.ts"));
    return decompressByPlatform("brotli", compressed, length);
  },
};

/** Those of the names that can be had here, in their order. */
export function decompressorsFor(
  names: readonly CertificateCompressionName[] = certificateCompressionNames,
): CertificateDecompressor[] {
  const available = { zlib: platformHas("deflate") ? [zlib] : [], brotli: [brotli] };
  return names.flatMap((name) => available[name]);
}
