/**
 * Runs files of Wycheproof vectors (Apache-2.0, C2SP) against a provider: one test for each file
 * and provider, which names the vectors that were judged otherwise than expected.
 *
 * @module
 */

import { expect, test } from "vitest";
import { nobleCrypto } from "../../src/crypto/noble.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import { isUnsupported } from "../../src/crypto/webcrypto/subtle.ts";
import { webCrypto } from "../../src/crypto/webcrypto.ts";
import { readVectors, skipWithoutVectors } from "./vectors.ts";

/** What all vectors have. */
export interface Vector {
  tcId: number;
  comment: string;
  flags: string[];
  result: "valid" | "invalid" | "acceptable";
}

/** What is right to do with a vector, and whether a provider did it. */
export interface Judged {
  tcId: number;
  comment: string;
  /** Whether the vector's input is to be taken. */
  good: boolean;
  /** Whether the provider took it, and with the right result. */
  taken: (provider: CryptoProvider) => Promise<boolean>;
}

export const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["webcrypto", webCrypto],
  ["noble", nobleCrypto],
];

/** The groups of a file, or undefined after registering a test that says it is not there. */
export function readGroups<Group>(file: string): Group[] | undefined {
  const path = `wycheproof/${file}`;
  const vectors = readVectors<{ testGroups: Group[] }>(path);
  if (vectors === undefined) skipWithoutVectors(path);
  return vectors?.testGroups;
}

/**
 * Registers the test of one file with one provider. Where the engine's WebCrypto lacks the
 * algorithm, the test is skipped at run time and says so.
 *
 * @param leftOut how many of the file's vectors are not run, and why.
 */
export function testFile(
  file: string,
  [name, provider]: readonly [string, CryptoProvider],
  vectors: readonly Judged[],
  leftOut?: { count: number; reason: string },
): void {
  const rest = leftOut?.count ? `, ${leftOut.count} left out: ${leftOut.reason}` : "";
  test(`${file} with ${name}: ${vectors.length} vectors${rest}`, async (context) => {
    // A renamed field would otherwise leave nothing to run, and pass.
    expect(vectors.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    for (const { tcId, comment, good, taken } of vectors) {
      try {
        if ((await taken(provider)) !== good) {
          wrong.push(`${tcId} (${comment}): expected to be ${good ? "taken" : "refused"}`);
        }
      } catch (error) {
        if (provider !== webCrypto || !isUnsupported(error)) throw error;
        context.skip("this engine's WebCrypto lacks the algorithm");
      }
    }
    expect(wrong).toEqual([]);
  });
}

/** Whether two byte strings are equal, where one may be missing. */
export function same(actual: Uint8Array | undefined, expected: Uint8Array): boolean {
  return actual !== undefined && Buffer.compare(actual, expected) === 0;
}
