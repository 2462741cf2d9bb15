/**
 * Certificates as objects, for those who want to look into them.
 *
 * @module
 */

import type { X509Certificate } from "@peculiar/x509";
import { invalidOption, TlsError } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { certificatesFromPem } from "../x509/pem.ts";

/**
 * Reads a certificate into an object of `@peculiar/x509`: subject, issuer, validity, extensions, PEM,
 * fingerprints. Of a connection, those in `certificates` and `verifiedPath` of its info or of a
 * `TlsError` can be given. It is for showing: whether to trust a certificate is decided by webtls's own
 * strict reader, which is not this one.
 *
 * @param certificate in DER, or one in PEM.
 * @throws TlsError `certificate/malformed`.
 */
export async function inspectCertificate(
  certificate: Uint8Array | string,
): Promise<X509Certificate> {
  const isText = typeof certificate === "string";
  if (!isText && !(certificate instanceof Uint8Array)) {
    throw invalidOption("certificate", "a certificate in PEM or DER");
  }
  const der = isText ? onlyOne(certificate) : Uint8Array.from(certificate);
  const { read } = await loaded(import("./peculiar.ts"));
  try {
    return read(der);
  } catch (cause) {
    throw new TlsError(
      "certificate/malformed",
      `The ${der.length} bytes can't be read as a certificate: expected one in DER. The cause says what is wrong with it.`,
      { cause },
    );
  }
}

function onlyOne(pem: string): Uint8Array<ArrayBuffer> {
  const [der, ...others] = certificatesFromPem(pem);
  if (der !== undefined && others.length === 0) return der;
  throw new TlsError(
    "certificate/malformed",
    `The PEM has ${others.length + 1} certificates: expected one. Give one at a time.`,
  );
}
