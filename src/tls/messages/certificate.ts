/**
 * How a server authenticates itself: Certificate and CertificateVerify (RFC 8446 §4.4.2, §4.4.3;
 * RFC 5246 §7.4.2).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { type CertificateStatus, decodeCertificateStatus } from "./certificate-status.ts";
import { checkAnswers, readExtensions } from "./extension.ts";
import { Reader } from "./reader.ts";

/** The certificates of a TLS 1.2 server, leaf first, each in DER. */
export function decodeCertificate12(body: Bytes): Bytes[] {
  return nonEmpty(Reader.parse(body, "Certificate", (r) => r.list(3, 0, (c) => c.vector(3, 1))));
}

/** The SubjectPublicKeyInfo of a TLS 1.2 server, which stands in no list (RFC 7250 §3). */
export function decodeRawPublicKey12(body: Bytes): Bytes {
  return Reader.parse(body, "Certificate", (r) => r.vector(3, 1));
}

/** What a Certificate of TLS 1.3 holds. */
export interface Certificate13 {
  /** Leaf first, each in DER. */
  readonly certificates: Bytes[];
  /** What came with the leaf. */
  readonly status: CertificateStatus;
}

/**
 * Reads the Certificate of a TLS 1.3 server. What comes with the certificates above the leaf is read
 * to be checked, not used.
 *
 * @param offered extensions of the ClientHello, which those of an entry have to answer.
 */
export function decodeCertificate13(body: Bytes, offered: ReadonlySet<number>): Certificate13 {
  const [leaf, ...above] = nonEmpty(
    Reader.parse(body, "Certificate", (r) => {
      // Only a client's certificate answers a request with a context (RFC 8446 §4.4.2).
      if (r.vector(1).length !== 0) {
        throw new TlsError(
          "handshake/illegal-parameter",
          "The server's Certificate has a request context, though none was asked for.",
        );
      }
      return r.list(3, 0, (entry) => {
        const certificate = entry.vector(3, 1);
        const extensions = readExtensions(entry);
        checkAnswers(extensions, "Certificate", offered);
        return { certificate, status: decodeCertificateStatus(extensions) };
      });
    }),
  );
  const certificates = [leaf, ...above].map(({ certificate }) => certificate);
  return { certificates, status: leaf.status };
}

/** A server always authenticates itself: RFC 8446 §4.4.2.4 wants decode_error. */
function nonEmpty<T>([leaf, ...above]: readonly T[]): [T, ...T[]] {
  if (leaf !== undefined) return [leaf, ...above];
  throw new TlsError("certificate/missing", "The server sent no certificate.");
}

/** A signature and the number of its scheme. */
export interface CertificateVerify {
  readonly scheme: number;
  readonly signature: Bytes;
}

/** RFC 8446 §4.4.3. */
export function decodeCertificateVerify(body: Bytes): CertificateVerify {
  return Reader.parse(body, "CertificateVerify", (r) => ({
    scheme: r.u16(),
    signature: r.vector(2),
  }));
}
