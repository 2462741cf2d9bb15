/**
 * What the signature in a CertificateVerify of TLS 1.3 covers (RFC 8446 §4.4.3).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";

/**
 * 64 spaces, the context and a zero go ahead, against signatures made for another purpose.
 *
 * @param transcriptHash of ClientHello…Certificate.
 */
export function signedContent(signer: "client" | "server", transcriptHash: Bytes): Bytes {
  const context = `${" ".repeat(64)}TLS 1.3, ${signer} CertificateVerify\0`;
  return concat(new TextEncoder().encode(context), transcriptHash);
}
