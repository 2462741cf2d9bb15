/**
 * What a key pair signs requests and certificates by.
 *
 * @module
 */

import { subtleFor } from "../crypto/webcrypto/subtle.ts";
import { invalidOption } from "../errors.ts";

/** As WebCrypto's `sign()` takes it, the rest being known of the key. */
export type SigningParameters =
  | EcdsaParams
  | { readonly name: "RSA-PSS"; readonly saltLength: number }
  | Algorithm;

/** The hash for each curve: as strong as it (RFC 5480 §4). */
const hashOfCurve: Readonly<Record<string, string>> = {
  "P-256": "SHA-256",
  "P-384": "SHA-384",
  "P-521": "SHA-512",
};

/** RSA-PSS in certificates has a salt as long as the hash (RFC 4055 §3.1). */
const saltLength: Readonly<Record<string, number>> = {
  "SHA-256": 32,
  "SHA-384": 48,
  "SHA-512": 64,
};

/**
 * @throws TlsError `configuration/invalid-option` for what is not a key pair that TLS has a use for,
 * and `configuration/unsupported-platform` without WebCrypto.
 */
export function signingParameters(keys: CryptoKeyPair): SigningParameters {
  const { privateKey, publicKey } = Object(keys) as Partial<CryptoKeyPair>;
  if (privateKey?.usages?.includes("sign") && publicKey?.type === "public") {
    subtleFor(privateKey.algorithm.name);
    const parameters = parametersOf(privateKey);
    if (parameters !== undefined) return parameters;
  }
  throw invalidOption(
    "keys",
    "a key pair as generateKeys() makes it: ECDSA, Ed25519, RSA-PSS or RSASSA-PKCS1-v1_5 with SHA-2",
  );
}

function parametersOf(key: CryptoKey): SigningParameters | undefined {
  // The standard library's type knows the name alone (Web Cryptography §20 to §25).
  const { name, namedCurve, hash } = key.algorithm as KeyAlgorithm & {
    namedCurve?: string;
    hash?: { name: string };
  };
  const salt = saltLength[hash?.name ?? ""];
  switch (name) {
    case "ECDSA": {
      const curveHash = hashOfCurve[namedCurve ?? ""];
      return curveHash === undefined ? undefined : { name, hash: curveHash };
    }
    case "Ed25519":
      return { name };
    case "RSA-PSS":
      return salt === undefined ? undefined : { name, saltLength: salt };
    case "RSASSA-PKCS1-v1_5":
      return salt === undefined ? undefined : { name };
    default:
      return undefined;
  }
}
