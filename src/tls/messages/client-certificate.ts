/**
 * The client's Certificate and CertificateVerify, in either version (RFC 8446 §4.4.2, §4.4.3;
 * RFC 5246 §7.4.6, §7.4.8; RFC 7250 §3).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { ProtocolVersionName } from "../options.ts";
import { Writer } from "./writer.ts";

/**
 * A chain of certificates. None declines.
 *
 * @param certificates in DER, the client's own first; a raw public key stands in the place of one.
 */
export function encodeClientCertificate(
  version: ProtocolVersionName,
  certificates: readonly Bytes[],
): Bytes {
  return Writer.build((w) => {
    // TLS 1.3: the request's context, which is empty during the handshake, and extensions, of
    // which there are none.
    if (version === "TLSv1.3") w.vector(1, () => {});
    w.vector(3, () => {
      for (const certificate of certificates) {
        w.vector(3, () => w.bytes(certificate));
        if (version === "TLSv1.3") w.vector(2, () => {});
      }
    });
  });
}

/** A raw public key in TLS 1.2, where it stands there alone, not in a list (RFC 7250 §3). */
export function encodeRawPublicKey12(subjectPublicKeyInfo: Bytes): Bytes {
  return Writer.build((w) => w.vector(3, () => w.bytes(subjectPublicKeyInfo)));
}

/** @param scheme its number. */
export function encodeCertificateVerify(scheme: number, signature: Bytes): Bytes {
  return Writer.build((w) => w.u16(scheme).vector(2, () => w.bytes(signature)));
}
