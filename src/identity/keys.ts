/**
 * Key pairs, made by WebCrypto and kept by it.
 *
 * @module
 */

import { orUnsupported, subtleFor, unsupported, withRetries } from "../crypto/webcrypto/subtle.ts";
import { checkOneOf, checkOptionNames, invalidOption } from "../errors.ts";

/** Algorithms of keys that can be made; RSA with the length of its modulus, in bits. */
export type KeyAlgorithmName = "P-256" | "P-384" | "Ed25519" | "RSA-2048" | "RSA-3072" | "RSA-4096";

/** Options of {@link generateKeys}. */
export interface KeyOptions {
  /**
   * Default: `"P-256"`, ECDSA on that curve, which every server takes. Of RSA, keys for RSA-PSS with
   * SHA-256 are made, as TLS 1.3 wants them; a request (CSR) with one is signed by that too, which
   * some authorities don't take.
   */
  algorithm?: KeyAlgorithmName;
  /**
   * Whether scripts can read the private key. Default: false, and then nobody can, backups included:
   * a key that is lost is replaced by a new one with a new certificate.
   */
  extractable?: boolean;
}

const rsa = {
  name: "RSA-PSS",
  hash: "SHA-256",
  publicExponent: Uint8Array.of(1, 0, 1),
} as const;

const parameters = {
  "P-256": { name: "ECDSA", namedCurve: "P-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384" },
  Ed25519: { name: "Ed25519" },
  "RSA-2048": { ...rsa, modulusLength: 2048 },
  "RSA-3072": { ...rsa, modulusLength: 3072 },
  "RSA-4096": { ...rsa, modulusLength: 4096 },
} as const satisfies Record<KeyAlgorithmName, object>;

/**
 * Makes a key pair for a client certificate.
 *
 * @throws TlsError `configuration/invalid-option`; `configuration/unsupported-platform` without
 * WebCrypto (a page that is neither https nor on localhost), or where it lacks the algorithm.
 */
export async function generateKeys(options: KeyOptions = {}): Promise<CryptoKeyPair> {
  checkOptionNames(options, ["algorithm", "extractable"], "generateKeys()");
  const { algorithm = "P-256", extractable = false } = options;
  checkOneOf("algorithm", algorithm, Object.keys(parameters));
  if (typeof extractable !== "boolean") throw invalidOption("extractable", "true or false");
  const subtle = subtleFor(algorithm);
  const made = await orUnsupported(algorithm, () =>
    withRetries(() => subtle.generateKey(parameters[algorithm], extractable, ["sign", "verify"])),
  );
  if (!("privateKey" in made)) throw unsupported(algorithm);
  return made;
}
