/**
 * Signing by WebCrypto: with keys that it is given, and with keys that it has already.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import {
  type HashName,
  hashLength,
  type PrivateKey,
  type SignatureAlgorithm,
  type SigningKey,
} from "../provider.ts";
import { encodePkcs8, type PlatformKey } from "./pkcs8.ts";
import { type Subtle, subtleFor, unsupported } from "./subtle.ts";

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
  // WebCrypto binds an RSA key to one padding and one hash, so one is imported for each.
  const handles = new Map<string, Promise<CryptoKey>>();
  const handleFor = (algorithm: SignatureAlgorithm) => {
    const parameters = importParameters(key, algorithm);
    const id = JSON.stringify(parameters);
    const handle = handles.get(id) ?? importKey(subtle, pkcs8, parameters);
    handles.set(id, handle);
    return handle;
  };
  try {
    // At once: that the key is not valid, or not for this engine, has to show here.
    await handleFor(anyAlgorithm[key.kind]);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "NotSupportedError") throw unsupported(name, error);
    return undefined;
  }
  return {
    sign: async (algorithm, message) =>
      sign(subtle, await handleFor(algorithm), algorithm, message),
  };
}

/** What a `CryptoKey` can do, as far as TLS knows it. */
export type CryptoKeyAbility =
  | { readonly kind: "ec"; readonly curve: string }
  | { readonly kind: "ed25519" }
  /** The padding and hash it is bound to. */
  | { readonly kind: "rsa"; readonly padding: "rsa-pss" | "rsa-pkcs1"; readonly hash: string };

/** @returns undefined for a key that is not one to sign with, or of another algorithm. */
export function abilityOf(key: CryptoKey): CryptoKeyAbility | undefined {
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

/** Signs with a key that WebCrypto has; it need not be extractable. */
export function cryptoKeySigner(key: CryptoKey): SigningKey {
  return {
    sign: async (algorithm, message) => sign(subtleFor(algorithm.kind), key, algorithm, message),
  };
}

async function sign(
  subtle: Subtle,
  key: CryptoKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
): Promise<Bytes> {
  return new Uint8Array(await subtle.sign(signParameters(algorithm), key, message));
}

const anyAlgorithm = {
  ec: { kind: "ecdsa", hash: "SHA-256" },
  ed25519: { kind: "ed25519" },
  rsa: { kind: "rsa-pss", hash: "SHA-256" },
} as const satisfies Record<PlatformKey["kind"], SignatureAlgorithm>;

function importKey(subtle: Subtle, pkcs8: Bytes, parameters: object): Promise<CryptoKey> {
  return subtle.importKey("pkcs8", pkcs8, parameters, false, ["sign"]);
}

function importParameters(key: PlatformKey, algorithm: SignatureAlgorithm): object {
  if (key.kind === "ec") return { name: "ECDSA", namedCurve: key.curve };
  const { name, hash } = signParameters(algorithm);
  return hash === undefined ? { name } : { name, hash };
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
