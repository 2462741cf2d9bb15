/**
 * What has to hold for any value and any input of a codec, tried with `fast-check`: when it fails,
 * it prints the smallest example it finds, with the seed that leads to it again.
 *
 * @module
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Bytes } from "../src/crypto/bytes.ts";
import { TlsError } from "../src/errors.ts";
import { mutateBytes } from "./fuzz/mutate.ts";
import { seeded } from "./peer/seeded.ts";

const runs = { numRuns: 200 };

/** Both halves of a codec. One of them may be the test's own. */
export interface Codec<Value> {
  readonly value: fc.Arbitrary<Value>;
  readonly encode: (value: Value) => Bytes;
  readonly decode: (bytes: Bytes) => unknown;
  /** What decoding gives, where that is not the value itself. */
  readonly expected?: (value: Value) => unknown;
}

/** Tests that decoding undoes encoding, and what {@link testTotal} does. */
export function testCodec<Value>(name: string, codec: Codec<Value>): void {
  const { value, encode, decode, expected = (same) => same } = codec;
  test(`${name}: decoding undoes encoding`, () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(decode(encode(v))).toEqual(expected(v));
      }),
      runs,
    );
  });
  testTotal(name, decode, value.map(encode));
}

/** Tests that any bytes are read or refused by a typed error, valid ones with changes above all. */
export function testTotal(
  name: string,
  decode: (bytes: Bytes) => unknown,
  valid: fc.Arbitrary<Bytes>,
): void {
  test(`${name}: any bytes are read or refused`, () => {
    const input = fc.oneof(anyBytes(), changed(valid), valid);
    fc.assert(
      fc.property(input, (bytes) => {
        readOrRefused(() => decode(bytes));
      }),
      { numRuns: 2 * runs.numRuns },
    );
  });
}

/**
 * Whether what the peer sent could be read.
 *
 * @throws what is no typed error about the input: a defect.
 */
export function readOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Whether an error blames the input, and is no defect of the code that read it. */
export function isRefusal(error: unknown): error is TlsError {
  if (!(error instanceof TlsError) || error.code === "handshake/internal-error") return false;
  return /^(handshake|record|certificate|alert)\//.test(error.code);
}

/** Any bytes, as many as that. */
export function anyBytes(minLength = 0, maxLength = 64): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => new Uint8Array(bytes));
}

/** Bytes with a few changes. */
export function changed(valid: fc.Arbitrary<Bytes>): fc.Arbitrary<Bytes> {
  return fc
    .tuple(valid, valid, fc.nat())
    .map(([bytes, other, seed]) => mutateBytes(bytes, seeded(seed), [other]));
}

/** A number of so many bytes. */
export function unsigned(bytes: 1 | 2 | 3 | 4): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 256 ** bytes - 1 });
}
