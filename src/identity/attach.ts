/**
 * A key and the certificates that were issued for it, put together.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { invalidOption, TlsError } from "../errors.ts";
import { type CertificateIdentity, isCryptoKey } from "../tls/identity/identity.ts";
import { readSource } from "../tls/identity/source.ts";
import { type Certificate, parseCertificate } from "../x509/certificate.ts";
import { certificatesFromPem } from "../x509/pem.ts";

/** An identity whose key is WebCrypto's. It survives structured clone. */
export interface CryptoKeyIdentity extends CertificateIdentity {
  /** The client's own first, then the one that issued it, and so on, without the root; in DER. */
  certificates: readonly Bytes[];
  key: CryptoKey;
}

/**
 * Puts a key together with the certificates that an authority has sent. The client's own is found
 * among them by a signature on trial; those that it needs follow in their order, others and the
 * root are left out.
 *
 * @param key the private key of the pair that the request was made with.
 * @param certificates in PEM, as many as there are, or a list of them in DER; in any order.
 * @returns what the option `identity` takes.
 * @throws TlsError `identity/key-mismatch` where none of them is for the key, `identity/bad-key`,
 * `identity/bad-certificate`, `configuration/unsupported-platform`.
 */
export async function attachCertificates(
  key: CryptoKey,
  certificates: string | readonly Uint8Array[],
): Promise<CryptoKeyIdentity> {
  if (!isCryptoKey(Object(key)))
    throw invalidOption("key", "a CryptoKey, the private one of a pair");
  return firstFitting(certificatesFrom(certificates), () => key);
}

/**
 * The identity of the first certificate that a key is found to go with.
 *
 * @param keyFor gives the key as it is where it belongs to this certificate, or throws.
 * @throws TlsError as {@link attachCertificates}, and what `keyFor` does.
 */
export async function firstFitting(
  certificates: readonly Bytes[],
  keyFor: (certificate: Certificate) => CryptoKey | Promise<CryptoKey>,
): Promise<CryptoKeyIdentity> {
  const all = certificates.map(parseOrRefuse);
  let reason: TlsError | undefined;
  for (const own of all) {
    try {
      const key = await keyFor(own);
      // As a connection will read it: with a signature on trial.
      await readSource({ certificates: [own.der], key }, platformCrypto);
      return { certificates: chainOf(own, all), key };
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      // That the others are not for this key is to be expected.
      if (reason === undefined || reason.code === "identity/key-mismatch") reason = error;
    }
  }
  throw reason ?? badCertificate("there is none");
}

/** RFC 8446 §4.4.2: each certifies the one before it, and the root may be left out. */
function chainOf(own: Certificate, all: readonly Certificate[]): Bytes[] {
  const chain = [own];
  for (let last = own; !isSelfIssued(last); ) {
    const { issuer } = last;
    const above = all.find((one) => equalPublic(one.subject, issuer) && !chain.includes(one));
    if (above === undefined || isSelfIssued(above)) break;
    chain.push(above);
    last = above;
  }
  return chain.map(({ der }) => der.slice());
}

function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return equalPublic(subject, issuer);
}

function certificatesFrom(given: string | readonly Uint8Array[]): Bytes[] {
  if (typeof given !== "string") {
    const isList = Array.isArray(given) && given.every((der) => der instanceof Uint8Array);
    if (isList) return given.map((der) => Uint8Array.from(der));
    throw invalidOption("certificates", "certificates in PEM, or a list of them in DER");
  }
  try {
    return certificatesFromPem(given);
  } catch (cause) {
    throw refused(cause);
  }
}

function parseOrRefuse(der: Bytes): Certificate {
  try {
    return parseCertificate(der);
  } catch (cause) {
    throw refused(cause);
  }
}

/** The codes under `certificate/` are for servers' certificates. */
function refused(cause: unknown): unknown {
  return cause instanceof TlsError ? badCertificate(cause.message, cause) : cause;
}

export function badCertificate(reason: string, cause?: TlsError): TlsError {
  return new TlsError(
    "identity/bad-certificate",
    `The certificates can't be used: ${reason}`,
    cause && { cause },
  );
}
