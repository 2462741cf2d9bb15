/**
 * Certificate signing requests (PKCS#10, RFC 2986).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { checkOptionNames, invalidOption } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { type AlternativeNames, readNames, readSubject, type Subject } from "./names.ts";
import type { Content } from "./peculiar.ts";
import { signingParameters } from "./signing.ts";

/** Whom a certificate is to be for. */
export interface CertificateOptions {
  /** The key pair, as `generateKeys()` makes it. It signs; its public half is in the certificate. */
  keys: CryptoKeyPair;
  /** E.g. `{ commonName: "Alice" }`. Default: none, and then there have to be names. */
  subject?: Subject;
  /** E.g. `{ email: ["alice@example.org"] }`. Default: none. */
  names?: AlternativeNames;
}

/** A certificate signing request. */
export interface CertificateRequest {
  der: Bytes;
  /** The same with the label "CERTIFICATE REQUEST" (RFC 7468 §7). */
  pem: string;
}

/**
 * Makes a request for a client's certificate, for an authority to sign. It asks for the purpose
 * clientAuth and the key usage digitalSignature; there is no challenge password in it.
 *
 * @throws TlsError `configuration/invalid-option`, `configuration/unsupported-platform`.
 */
export async function createCertificateRequest(
  options: CertificateOptions,
): Promise<CertificateRequest> {
  checkOptionNames(options, certificateOptionNames, "createCertificateRequest()");
  const content = readContent(options);
  const { writeRequest } = await loaded(import("./peculiar.ts"));
  return writeRequest(content);
}

/** The names of {@link CertificateOptions}. */
export const certificateOptionNames = ["keys", "subject", "names"] as const;

/** @throws TlsError `configuration/invalid-option`, `configuration/unsupported-platform`. */
export function readContent({ keys, subject = {}, names = {} }: CertificateOptions): Content {
  const content = {
    keys,
    parameters: signingParameters(keys),
    subject: readSubject(subject),
    names: readNames(names),
  };
  if (content.subject.length > 0 || content.names.length > 0) return content;
  throw invalidOption("subject", "a name for the certificate, here or in names");
}
