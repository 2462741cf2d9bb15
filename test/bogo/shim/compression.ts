/**
 * The runner's own algorithms of certificate compression.
 *
 * @module
 */

import type { CertificateDecompressor } from "../../../src/stream/duplex.ts";

/** Makes messages shorter: the two zero bytes that begin them are left out. */
const shrinking: CertificateDecompressor = {
  algorithm: 0xff01,
  decompress(compressed) {
    const message = new Uint8Array(compressed.length + 2);
    message.set(compressed, 2);
    return message;
  },
};

/** Makes them longer, by four bytes in front. */
const expanding: CertificateDecompressor = {
  algorithm: 0xff02,
  decompress(compressed) {
    if (![1, 2, 3, 4].every((byte, index) => compressed[index] === byte)) {
      throw new Error("the bytes in front are not 1, 2, 3, 4");
    }
    return compressed.slice(4);
  },
};

/** Is not the same twice: a random byte stands in front. */
const random: CertificateDecompressor = {
  algorithm: 0xff03,
  decompress: (compressed) => compressed.slice(1),
};

export const runnerDecompressors: readonly CertificateDecompressor[] = [
  shrinking,
  expanding,
  random,
];
