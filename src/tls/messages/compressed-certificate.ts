/**
 * CompressedCertificate (RFC 8879 §4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { Reader } from "./reader.ts";

export interface CompressedCertificate {
  /** CertificateCompressionAlgorithm. */
  readonly algorithm: number;
  /** Of the Certificate message without its header, in bytes. */
  readonly uncompressedLength: number;
  readonly compressed: Bytes;
}

export function decodeCompressedCertificate(body: Bytes): CompressedCertificate {
  return Reader.parse(body, "CompressedCertificate", (r) => ({
    algorithm: r.u16(),
    uncompressedLength: r.u24(),
    compressed: r.vector(3, 1),
  }));
}
