/**
 * A compressed Certificate message, as it was before (RFC 8879 §4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { CertificateDecompressor } from "../compression/decompressor.ts";
import { maxHandshakeMessage } from "../limits.ts";
import { decodeCompressedCertificate } from "../messages/compressed-certificate.ts";
import { hex } from "../messages/registry.ts";

/**
 * @param body of the CompressedCertificate.
 * @param offered what the ClientHello has offered.
 * @returns the body of the Certificate.
 * @throws TlsError `handshake/illegal-parameter` for an algorithm that was not offered,
 * `certificate/bad-compression`.
 */
export async function decompressCertificate(
  body: Bytes,
  offered: readonly CertificateDecompressor[],
): Promise<Bytes> {
  const { algorithm, uncompressedLength, compressed } = decodeCompressedCertificate(body);
  const decompressor = offered.find((candidate) => candidate.algorithm === algorithm);
  if (decompressor === undefined) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server compressed its certificate by the algorithm ${hex(algorithm)}, which was not offered.`,
    );
  }
  if (uncompressedLength > maxHandshakeMessage) {
    throw badCompression(
      `It would have ${uncompressedLength} bytes, and at most ${maxHandshakeMessage} are taken.`,
    );
  }
  const certificate = await decompress(decompressor, compressed, uncompressedLength);
  if (certificate.length === uncompressedLength) return certificate;
  throw badCompression(
    `It has ${certificate.length} bytes, and not the ${uncompressedLength} declared.`,
  );
}

async function decompress(
  decompressor: CertificateDecompressor,
  compressed: Bytes,
  length: number,
): Promise<Bytes> {
  try {
    // A copy: what the caller's own does with it is its affair, and the message is in the transcript.
    const certificate: unknown = await decompressor.decompress(compressed.slice(), length);
    if (certificate instanceof Uint8Array) return Uint8Array.from(certificate);
    throw badCompression("What decompresses it has to give a Uint8Array.");
  } catch (cause) {
    if (cause instanceof TlsError) throw cause;
    throw badCompression("The cause says how.", cause);
  }
}

function badCompression(problem: string, cause?: unknown): TlsError {
  return new TlsError(
    "certificate/bad-compression",
    `The server's compressed certificate can't be decompressed. ${problem}`,
    cause === undefined ? {} : { cause },
  );
}
