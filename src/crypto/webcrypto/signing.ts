/**
 * Signing by WebCrypto: with keys that it is given, and with keys that it has already.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import {
  type CryptoKeyAbility,
  type HashName,
  hashLength,
  isAble,
  type PlatformSigningKey,
  type PrivateKey,
  type SignatureAlgorithm,
  type SigningKey,
} from "../provider.ts";
import { encodePkcs8, type PlatformKey } from "./pkcs8.ts";
import { subtleFor, unsupported } from "./subtle.ts";

/**
 * Imports a key, never to be extracted again.
 *
 * @returns undefined for a key that the engine finds not to be valid.
 */
export async function importSigningKey(key: PrivateKey): Promise<SigningKey | undefined> {
  // No engine that is tested has it yet.
  if (key.kind === "ml-dsa") throw unsupported(key.parameters);
  const name = key.kind === "ec" ? key.curve : key.kind;
  const subtle = subtleFor(name);
  const pkcs8 = encodePkcs8(key);
  try {
    // All that may be wanted, for nothing but the platform to keep the key.
    const importing = importParameters(key).map((parameters) =>
      subtle.importKey("pkcs8", pkcs8, parameters, false, ["sign"]),
    );
    return oneOf(await Promise.all(importing));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "NotSupportedError") throw unsupported(name, error);
    return undefined;
  }
}

/** Signs by that key which is for the algorithm. */
function oneOf(keys: readonly CryptoKey[]): SigningKey {
  const adopted = keys.flatMap((key) => adoptSigningKey(key) ?? []);
  return {
    async sign(algorithm, message) {
      const key = adopted.find(({ ability }) => isAble(ability, algorithm));
      if (key === undefined) throw unsupported(algorithm.kind);
      return key.sign(algorithm, message);
    },
  };
}

/**
 * Takes a key that WebCrypto has already.
 *
 * @returns undefined for a key that is not one to sign with, or of another algorithm.
 */
export function adoptSigningKey(key: CryptoKey): PlatformSigningKey | undefined {
  const ability = abilityOf(key);
  return ability && { ability, sign: (...asked) => sign(key, ...asked) };
}

function abilityOf(key: CryptoKey): CryptoKeyAbility | undefined {
  if (key.type !== "private" || !key.usages.includes("sign")) return undefined;
  // The standard library's type knows the name alone (Web Cryptography §20 to §25).
  const { name, namedCurve, hash } = key.algorithm as KeyAlgorithm & {
    namedCurve?: string;
    hash?: { name: string };
  };
  switch (name) {
    case "ECDSA":
      return { kind: "ec", curve: namedCurve ?? "" };
    case "Ed25519":
      return { kind: "ed25519" };
    case "RSA-PSS":
      return { kind: "rsa", padding: "rsa-pss", hash: hash?.name ?? "" };
    case "RSASSA-PKCS1-v1_5":
      return { kind: "rsa", padding: "rsa-pkcs1", hash: hash?.name ?? "" };
    default:
      return undefined;
  }
}

/** WebCrypto binds an RSA key to one padding and one hash, so one is imported for each. */
function importParameters(key: PlatformKey): object[] {
  switch (key.kind) {
    case "ec":
      return [{ name: "ECDSA", namedCurve: key.curve }];
    case "ed25519":
      return [{ name: "Ed25519" }];
    case "rsa": {
      const hashes = Object.keys(hashLength);
      return hashes.flatMap((hash) => [
        { name: "RSA-PSS", hash },
        { name: "RSASSA-PKCS1-v1_5", hash },
      ]);
    }
  }
}

async function sign(
  key: CryptoKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
): Promise<Bytes> {
  const subtle = subtleFor(algorithm.kind);
  return new Uint8Array(await subtle.sign(signParameters(algorithm), key, message));
}

function signParameters(algorithm: SignatureAlgorithm): {
  name: string;
  hash?: HashName;
  saltLength?: number;
} {
  switch (algorithm.kind) {
    case "ecdsa":
      return { name: "ECDSA", hash: algorithm.hash };
    case "ed25519":
      return { name: "Ed25519" };
    case "rsa-pss": {
      const { hash } = algorithm;
      return { name: "RSA-PSS", hash, saltLength: hashLength[hash] };
    }
    case "rsa-pkcs1":
      return { name: "RSASSA-PKCS1-v1_5", hash: algorithm.hash };
    case "ml-dsa":
      return { name: algorithm.parameters };
  }
}
