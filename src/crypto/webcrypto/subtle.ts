/**
 * The door to `crypto.subtle`, and what it means that the platform lacks an algorithm.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import type { Bytes } from "../bytes.ts";

/**
 * The part of `SubtleCrypto` used here.
 *
 * The standard library's own type knows neither ML-KEM nor the `raw-…` key formats, and wants to be
 * told that each array is not shared; a shared one is refused by the platform with a `TypeError`.
 */
export interface Subtle {
  digest(algorithm: Name, data: Data): Promise<ArrayBuffer>;
  importKey(
    format: string,
    key: Data | JsonWebKey,
    algorithm: Name,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>;
  generateKey(
    algorithm: Name,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey | CryptoKeyPair>;
  encrypt(algorithm: Name, key: CryptoKey, data: Data): Promise<ArrayBuffer>;
  decrypt(algorithm: Name, key: CryptoKey, data: Data): Promise<ArrayBuffer>;
  sign(algorithm: Name, key: CryptoKey, data: Data): Promise<ArrayBuffer>;
  verify(algorithm: Name, key: CryptoKey, signature: Data, data: Data): Promise<boolean>;
  deriveBits(algorithm: Name, key: CryptoKey, length: number): Promise<ArrayBuffer>;
  /** "Modern Algorithms in the Web Cryptography API" (WICG); Chromium and Node 24 have it. */
  decapsulateBits?(algorithm: Name, key: CryptoKey, ciphertext: Data): Promise<ArrayBuffer>;
}

type Name = string | object;
type Data = BufferSource | Uint8Array;

/**
 * `crypto.subtle`, for one algorithm.
 *
 * @throws TlsError `configuration/unsupported-platform` where there is none: an insecure context.
 */
export function subtleFor(algorithm: string): Subtle {
  // The standard library's type does not know insecure contexts, where `subtle` is undefined.
  const subtle: Subtle | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) throw unsupported(algorithm);
  return subtle;
}

/** A key pair whose private half stays with the platform, its public half as bytes. */
export async function generateKeyPair(
  name: string,
  algorithm: object,
  usage: string,
  publicFormat: string,
): Promise<{ privateKey: CryptoKey; publicKey: Bytes }> {
  const subtle = subtleFor(name);
  return orUnsupported(name, () =>
    withRetries(async () => {
      const pair = await subtle.generateKey(algorithm, false, [usage]);
      // The standard library's type leaves open whether one key or two come of a generation.
      if (!("privateKey" in pair)) throw unsupported(name);
      const publicKey = new Uint8Array(await subtle.exportKey(publicFormat, pair.publicKey));
      return { privateKey: pair.privateKey, publicKey };
    }),
  );
}

/**
 * What comes of making a key pair, tried up to five times. WebKitGTK 2.50 fails to make one X25519 key
 * in 256 and one Ed25519 key in 128, whatever became of those before.
 */
export async function withRetries<Result>(generate: () => Promise<Result>): Promise<Result> {
  for (let triesLeft = 4; ; triesLeft--) {
    try {
      return await generate();
    } catch (error) {
      if (triesLeft === 0 || !isOperationError(error)) throw error;
    }
  }
}

/** The algorithm is known, and something went wrong with it. */
function isOperationError(error: unknown): boolean {
  return error instanceof DOMException && error.name === "OperationError";
}

/** The platform's WebCrypto lacks the algorithm. */
export function unsupported(algorithm: string, cause?: unknown): TlsError {
  const error = new TlsError(
    "configuration/unsupported-platform",
    `This platform's WebCrypto has no ${algorithm}: expected a secure context (https or localhost) and an engine that knows the algorithm. Use the default provider, which falls back to JavaScript.`,
    { phase: "configuration", cause },
  );
  lacks.add(error);
  return error;
}

/**
 * Whether an error is one that {@link unsupported} made. A module that could not be loaded has the
 * same code, and says nothing of what the engine knows.
 */
export function isUnsupported(error: unknown): boolean {
  return lacks.has(error as TlsError);
}

const lacks = new WeakSet<TlsError>();

/**
 * The result of a call that can only fail because the platform lacks the algorithm: a generation,
 * or the import of a key known to be well formed. Engines differ in what they throw
 * (`NotSupportedError`, or a `TypeError` for a key format or usage they have not heard of).
 */
export async function orUnsupported<Result>(
  algorithm: string,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    throw unsupported(algorithm, error);
  }
}
