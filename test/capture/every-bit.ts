/**
 * Tests that turn over each single bit of all that a connection sends, one connection for each.
 *
 * @module
 */

import { beforeAll, describe, expect, test } from "vitest";
import type { TlsError } from "../../src/errors.ts";
import type { ProtocolVersionName } from "../../src/tls/options.ts";
import { type Recording, recordsOf, type WireRecord } from "./recording.ts";
import {
  answers,
  converse,
  createPair,
  isDetected,
  type Outcome,
  type Pair,
  request,
} from "./tampering.ts";

/** Connections at a time: those that wait for bytes that never come would hold up all others. */
const atOnce = 24;

export function testEveryBit(version: ProtocolVersionName): void {
  describe(`every bit of ${version}`, () => {
    let pair: Pair;
    let recording: Recording;

    beforeAll(async () => {
      pair = await createPair(version);
      const outcome = await converse(pair);
      expect(outcome.error).toBeUndefined();
      expect(outcome.atClient).toBe(answers.join(""));
      expect(outcome.atServer).toBe(request);
      recording = outcome.recording;
    });

    test.each(["toClient", "toServer"] as const)(
      "%s: it is noticed, and nothing untrue delivered",
      async (direction) => {
        const all = recording.all(direction);
        const free = freeBits(all);
        const isProtected = protectedBits(all);
        const unnoticed = new Set<number>();
        await forEach(all.length * 8, async (bit) => {
          const outcome = await converse(pair, { direction, bit });
          expect(outcome.isTurned).toBe(true);
          if (isDetected(outcome)) {
            if (direction === "toServer" || !isProtected(bit)) return;
            const { code, alertSent } = outcome.error as TlsError;
            expect(`bit ${bit}: ${code}, ${alertSent}`).toBe(
              `bit ${bit}: record/bad-mac, bad_record_mac`,
            );
            return;
          }
          expect(describeOutcome(bit, outcome)).toBe(describeOutcome(bit, untouched));
          unnoticed.add(bit);
        });
        const expected = direction === "toClient" ? free : free.filter((bit) => unnoticed.has(bit));
        expect([...unnoticed].sort((a, b) => a - b)).toEqual(expected);
      },
      400_000,
    );
  });
}

const untouched: Result = { error: undefined, atClient: answers.join(""), atServer: request };

type Result = Pick<Outcome, "error" | "atClient" | "atServer">;

function describeOutcome(bit: number, outcome: Result): string {
  const { error, atClient, atServer } = outcome;
  return `bit ${bit}: ${error ?? "ends properly"}; client "${atClient}", server "${atServer}"`;
}

/**
 * The only bits that may change without notice: those of the second byte of the version in the
 * headers of records in the clear. It is a constant without meaning, which RFC 8446 §5.1 has
 * ignored; in encrypted records it is authenticated.
 */
function freeBits(stream: Buffer): number[] {
  return recordsInClear(stream).flatMap(({ offset }) =>
    Array.from({ length: 8 }, (_, bit) => (offset + 2) * 8 + bit),
  );
}

/** Says whether a bit lies in what a record encrypts, or in the tag that protects it. */
function protectedBits(stream: Buffer): (bit: number) => boolean {
  const records = recordsOf(stream).slice(recordsInClear(stream).length);
  return (bit) =>
    records.some(({ offset, fragment }) => {
      const within = (bit >> 3) - (offset + 5);
      return within >= 0 && within < fragment.length;
    });
}

/** The records up to change_cipher_spec: in TLS 1.3 too nothing is encrypted before it. */
function recordsInClear(stream: Buffer): readonly WireRecord[] {
  const records = recordsOf(stream);
  return records.slice(0, records.findIndex(({ type }) => type === 20) + 1);
}

async function forEach(count: number, action: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
