/**
 * CertificateRequest (RFC 8446 §4.3.2, RFC 5246 §7.4.4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { checkPlaces, extensionType, readExtensions } from "./extension.ts";
import { Reader } from "./reader.ts";
import { hex } from "./registry.ts";

/** How a server asks for a client certificate, in either version. */
export interface CertificateRequest {
  /** Numbers of the signature schemes that the client may sign by; never empty. */
  readonly schemes: readonly number[];
  /** Those that its certificates may be signed by, where they are others. */
  readonly certificateSchemes: readonly number[] | undefined;
  /** DER of the names of authorities. Empty: the server does not say. */
  readonly authorities: readonly Bytes[];
  /** TLS 1.2: ClientCertificateType. */
  readonly keyTypes: readonly number[] | undefined;
}

/** RFC 8446 §4.3.2: during the handshake its context is empty. `oid_filters` is not heeded. */
export function decodeCertificateRequest13(body: Bytes): CertificateRequest {
  const extensions = Reader.parse(body, "CertificateRequest", (r) => {
    if (r.vector(1).length !== 0) {
      throw new TlsError(
        "handshake/illegal-parameter",
        "The server's CertificateRequest has a context during the handshake.",
      );
    }
    return readExtensions(r);
  });
  checkPlaces(extensions, "CertificateRequest");
  const schemes = extensions.get(extensionType.signature_algorithms);
  if (schemes === undefined) {
    throw new TlsError(
      "handshake/missing-extension",
      "The server's CertificateRequest lacks signature_algorithms (RFC 8446 §4.3.2).",
    );
  }
  const certificateSchemes = extensions.get(extensionType.signature_algorithms_cert);
  const authorities = extensions.get(extensionType.certificate_authorities);
  return {
    schemes: decodeSchemes(schemes, "signature_algorithms"),
    certificateSchemes:
      certificateSchemes && decodeSchemes(certificateSchemes, "signature_algorithms_cert"),
    // RFC 8446 §4.2.4: at least one name.
    authorities:
      authorities === undefined
        ? []
        : Reader.parse(authorities, "certificate_authorities", (r) => r.list(2, 3, readName)),
    keyTypes: undefined,
  };
}

/** RFC 5246 §7.4.4. */
export function decodeCertificateRequest12(body: Bytes): CertificateRequest {
  return Reader.parse(body, "CertificateRequest", (r) => ({
    keyTypes: r.list(1, 1, (type) => type.u8()),
    schemes: r.list(2, 2, (scheme) => scheme.u16()),
    authorities: r.list(2, 0, readName),
    certificateSchemes: undefined,
  }));
}

/** RFC 8446 §4.2.3. */
function decodeSchemes(body: Bytes, what: string): number[] {
  return Reader.parse(body, what, (r) => r.list(2, 2, (scheme) => scheme.u16()));
}

/** RFC 8446 §4.2.4, RFC 5246 §7.4.4: a name is not empty. */
function readName(r: Reader): Bytes {
  return r.vector(2, 1);
}

/** ClientCertificateType (RFC 5246 §7.4.4, RFC 8422 §5.5) of the keys that are left. */
export const keyType = { rsa_sign: 1, ecdsa_sign: 64 } as const;

const keyTypeNames = new Map<number, string>([
  ...Object.entries(keyType).map(([name, number]) => [number, name] as const),
  [2, "dss_sign"],
]);

/** Its name, or its number in hex. */
export function keyTypeName(number: number): string {
  return keyTypeNames.get(number) ?? hex(number, 1);
}
