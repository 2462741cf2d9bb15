/**
 * Private keys that were read from a file, given to WebCrypto to keep.
 *
 * @module
 */

import type { HashName, PrivateKey, PublicKey } from "../crypto/provider.ts";
import { encodePkcs8 } from "../crypto/webcrypto/pkcs8.ts";
import { subtleFor, unsupported } from "../crypto/webcrypto/subtle.ts";
import { checkOneOf, invalidOption } from "../errors.ts";
import { joinHalves, mismatch } from "../tls/identity/signer.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { ReadPrivateKey } from "../x509/private-key.ts";
import { parsePublicKey } from "../x509/public-key.ts";

/** What keys sign by, where their file leaves it open. */
export interface ImportOptions {
  /** What the file is encrypted by. Default: none. */
  password?: string;
  /**
   * What an RSA key signs by: WebCrypto binds it to one. Default: `"RSA-PSS"` with SHA-256, for TLS 1.3
   * and servers of TLS 1.2 that know it; the other one is for servers that don't.
   */
  rsaAlgorithm?: "RSA-PSS" | "RSASSA-PKCS1-v1_5";
}

/** The names of {@link ImportOptions}. */
export const importOptionNames = ["password", "rsaAlgorithm"] as const;

/** @throws TlsError `configuration/invalid-option`. */
export function checkImportOptions({ password, rsaAlgorithm }: ImportOptions): void {
  if (password !== undefined && typeof password !== "string") {
    throw invalidOption("password", "text");
  }
  checkOneOf("rsaAlgorithm", rsaAlgorithm, ["RSA-PSS", "RSASSA-PKCS1-v1_5"]);
}

/**
 * Imports a key, never to be extracted again. The bytes that it is imported from are wiped.
 *
 * @param certificate the one that it may be for: it completes the key.
 * @throws TlsError `identity/key-mismatch`, `configuration/unsupported-platform`, and
 * `certificate/…` for a public key that can't be used.
 */
export async function keepKey(
  key: ReadPrivateKey,
  certificate: Certificate,
  { rsaAlgorithm = "RSA-PSS" }: ImportOptions,
): Promise<CryptoKey> {
  const publicKey = parsePublicKey(certificate.subjectPublicKeyInfo);
  const whole = joinHalves(key, publicKey);
  // No engine that is tested has it yet.
  if (whole.kind === "ml-dsa") throw unsupported(whole.parameters);
  const name = whole.kind === "ec" ? whole.curve : whole.kind;
  const subtle = subtleFor(name);
  const parameters = importParameters(whole, publicKey, rsaAlgorithm);
  const pkcs8 = encodePkcs8(whole);
  try {
    return await subtle.importKey("pkcs8", pkcs8, parameters, false, ["sign"]);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "NotSupportedError") throw unsupported(name, error);
    throw mismatch("The key is not valid together with the certificate");
  } finally {
    pkcs8.fill(0);
  }
}

function importParameters(
  key: PrivateKey,
  publicKey: PublicKey,
  rsaAlgorithm: NonNullable<ImportOptions["rsaAlgorithm"]>,
): { name: string; namedCurve?: string; hash?: HashName } {
  switch (key.kind) {
    case "ec":
      return { name: "ECDSA", namedCurve: key.curve };
    case "rsa": {
      // RFC 4055 §3.3: a key marked id-RSASSA-PSS is for that alone, and may be for one hash.
      if (publicKey.kind !== "rsa-pss") return { name: rsaAlgorithm, hash: "SHA-256" };
      return { name: "RSA-PSS", hash: publicKey.pssHash ?? "SHA-256" };
    }
    default:
      return { name: "Ed25519" };
  }
}
