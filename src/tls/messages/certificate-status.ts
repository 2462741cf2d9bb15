/**
 * What a server adds to its certificate: a stapled OCSP response (RFC 6066 §8, RFC 8446 §4.4.2.1)
 * and Signed Certificate Timestamps (RFC 6962 §3.3).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { type Extensions, extensionType } from "./extension.ts";
import { Reader } from "./reader.ts";

/** CertificateStatusType (RFC 6066 §8): the only one there is. */
export const ocspStatus = 1;

/** What came with a certificate, each part only where it did. */
export interface CertificateStatus {
  /**
   * DER of an OCSPResponse (RFC 6960 §4.2.1), as it came. Where a path was verified with
   * `ocspStapling`, it says that the certificate is good, or that the responder has no answer.
   */
  readonly ocspResponse?: Bytes;
  /** Each a SerializedSCT (RFC 6962 §3.3), which nobody has looked into. */
  readonly signedCertificateTimestamps?: readonly Bytes[];
}

/** CertificateStatus, a message in TLS 1.2 and the body of an extension in TLS 1.3: not empty. */
export function decodeOcspResponse(body: Bytes): Bytes {
  return Reader.parse(body, "CertificateStatus", (r) => {
    const type = r.u8();
    if (type !== ocspStatus) throw r.error(`is of the type ${type}, not of ${ocspStatus} for OCSP`);
    return r.vector(3, 1);
  });
}

/** SignedCertificateTimestampList: neither it nor one of its entries is empty. */
export function decodeTimestamps(body: Bytes): Bytes[] {
  return Reader.parse(body, "signed_certificate_timestamp", (r) =>
    r.list(2, 1, (timestamp) => timestamp.vector(2, 1)),
  );
}

/** What the extensions of a certificate say in TLS 1.3. */
export function decodeCertificateStatus(extensions: Extensions): CertificateStatus {
  const status = extensions.get(extensionType.status_request);
  return {
    ...(status === undefined ? {} : { ocspResponse: decodeOcspResponse(status) }),
    ...timestampsOf(extensions),
  };
}

/** The timestamps alone, as the ServerHello of TLS 1.2 has them. */
export function timestampsOf(extensions: Extensions): CertificateStatus {
  const timestamps = extensions.get(extensionType.signed_certificate_timestamp);
  if (timestamps === undefined) return {};
  return { signedCertificateTimestamps: decodeTimestamps(timestamps) };
}

/** Whether a certificate says that its server has to staple an OCSP response (RFC 7633 §4.2). */
export function demandsStatus({ tlsFeatures }: Certificate): boolean {
  return tlsFeatures?.includes(extensionType.status_request) ?? false;
}
