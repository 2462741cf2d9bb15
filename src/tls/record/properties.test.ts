import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyBytes, changed, isRefusal, unsigned } from "../../../test/properties.ts";
import { type Bytes, concat, equalPublic } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { type AeadName, aeadKeyLength } from "../../crypto/provider.ts";
import { contentType } from "../messages/registry.ts";
import { Deframer } from "./deframer.ts";
import { encodeHandshake, HandshakeJoiner } from "./handshake-joiner.ts";
import { Inflow } from "./inflow.ts";
import { type RecordOpener, type RecordSealer, recordHeader } from "./protection.ts";
import { fixedIvLength, Opener12, Sealer12 } from "./protection12.ts";
import { Opener13, Sealer13 } from "./protection13.ts";
import { RecordReader } from "./reader.ts";
import { RecordWriter } from "./writer.ts";

const runs = { numRuns: 200 };

const knownType = fc.constantFrom(...Object.values(contentType));
const record = fc.record({ type: knownType, fragment: anyBytes(0, 40) });
const cuts = fc.array(fc.nat(40), { maxLength: 12 });

/** The bytes in pieces of these lengths, and the rest. */
function cutInto(bytes: Bytes, lengths: readonly number[]): Bytes[] {
  const pieces: Bytes[] = [];
  let rest = bytes;
  for (const length of lengths) {
    pieces.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...pieces, rest];
}

interface Fragment {
  readonly type: number;
  readonly fragment: Bytes;
}

/** All records of a stream, up to its end or the first fault. */
async function readAll(chunks: readonly Bytes[], opener?: RecordOpener, batch = 1) {
  const inflow = new Inflow();
  for (const chunk of chunks) void inflow.push(chunk);
  void inflow.end();
  const reader = new RecordReader(new Deframer(inflow));
  if (opener !== undefined) reader.changeKey(opener, new HandshakeJoiner().boundary());
  reader.beginTraffic(batch);
  const records: Fragment[] = [];
  try {
    for (;;) {
      const next = await reader.next();
      if (next === undefined) return { records };
      // A record in the clear is a view of memory that the next ones may be given.
      records.push({ type: next.type, fragment: next.fragment.slice() });
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { records, refused: error.code };
  }
}

describe("framing", () => {
  const wire = ({ type, fragment }: Fragment) =>
    concat(recordHeader(type, fragment.length), fragment);

  test("records come out as they went in, however the stream is cut", () =>
    fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 8 }), cuts, async (records, lengths) => {
        const stream = concat(...records.map(wire));
        expect(await readAll(cutInto(stream, lengths))).toEqual({ records });
      }),
      runs,
    ));

  test("any stream is read or refused, and a cut changes nothing about it", () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anyBytes(0, 80),
          changed(fc.array(record, { maxLength: 8 }).map((list) => concat(...list.map(wire)))),
        ),
        cuts,
        async (stream, lengths) => {
          expect(await readAll(cutInto(stream, lengths))).toEqual(await readAll([stream]));
        },
      ),
      runs,
    ));
});

describe("handshake messages", () => {
  /** All messages of a stream of fragments. */
  function join(fragments: readonly Bytes[]) {
    const joiner = new HandshakeJoiner();
    const messages: Fragment[] = [];
    for (const fragment of fragments) {
      joiner.push(fragment);
      for (let next = joiner.next(); next !== undefined; next = joiner.next()) {
        messages.push({ type: next.type, fragment: next.body });
        expect(next.encoded).toEqual(encodeHandshake(next.type, next.body).encoded);
      }
    }
    return { messages, isEmpty: joiner.isEmpty };
  }

  const message = fc.record({ type: unsigned(1), fragment: anyBytes(0, 300) });

  test("come out as they went in, however they are cut into records", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, lengths) => {
        const encoded = messages.map(({ type, fragment }) => encodeHandshake(type, fragment));
        const stream = concat(...encoded.map((one) => one.encoded));
        expect(join(cutInto(stream, lengths))).toEqual({ messages, isEmpty: true });
      }),
      runs,
    );
  });

  test("any fragments are read or refused", () => {
    fc.assert(
      fc.property(fc.array(anyBytes(), { maxLength: 6 }), (fragments) => {
        try {
          join(fragments);
        } catch (error) {
          if (!isRefusal(error)) throw error;
        }
      }),
      runs,
    );
  });
});

interface Protection {
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}

async function protection(version: 12 | 13, aead: AeadName): Promise<Protection> {
  const keyBytes = new Uint8Array(aeadKeyLength[aead]).fill(7);
  const key = await platformCrypto.importAeadKey(aead, keyBytes);
  const iv = new Uint8Array(version === 13 ? 12 : fixedIvLength(aead)).fill(9);
  const traffic = { aead, key, iv };
  if (version === 13) return { sealer: new Sealer13(traffic), opener: new Opener13(traffic) };
  return { sealer: new Sealer12(traffic), opener: new Opener12(traffic) };
}

describe.each([
  [13, "AES-128-GCM"],
  [13, "AES-256-GCM"],
  [13, "ChaCha20-Poly1305"],
  [12, "AES-128-GCM"],
  [12, "AES-256-GCM"],
  [12, "ChaCha20-Poly1305"],
] as const)("protection of TLS version %s by %s", (version, aead) => {
  /** What is sent, and what a reader has to get of it in all: empty writes send nothing. */
  const write = fc.record({
    type: knownType,
    content: fc
      .tuple(fc.oneof({ weight: 4, arbitrary: fc.nat(300) }, fc.nat(40_000)), unsigned(1))
      .map(([length, byte]) => new Uint8Array(length).fill(byte)),
  });

  async function sealAll(writes: readonly { type: number; content: Bytes }[], by: RecordSealer) {
    const sent: Bytes[] = [];
    const writer = new RecordWriter((records) => void sent.push(...records));
    await writer.changeKey(by);
    for (const { type, content } of writes) await writer.write(type, [content]);
    return concat(...sent);
  }

  test("opening undoes sealing, in any batches and pieces", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(write, { maxLength: 5 }),
        cuts,
        fc.integer({ min: 1, max: 8 }),
        async (writes, lengths, batch) => {
          const { sealer, opener } = await protection(version, aead);
          const stream = await sealAll(writes, sealer);
          const { records, refused } = await readAll(cutInto(stream, lengths), opener, batch);
          expect(refused).toBeUndefined();
          for (const type of Object.values(contentType)) {
            const of = (list: readonly Fragment[]) =>
              concat(...list.filter((one) => one.type === type).map(({ fragment }) => fragment));
            const written = writes.map(({ type, content }) => ({ type, fragment: content }));
            expect(equalPublic(of(records), of(written)), `type ${type}`).toBe(true);
          }
        },
      ),
      { numRuns: 25 },
    ));

  test("what was changed is refused, and nothing but what was sent comes before", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        async (list, seed) => {
          const { sealer, opener } = await protection(version, aead);
          const stream = await sealAll(
            list.map(({ type, fragment }) => ({ type, content: fragment })),
            sealer,
          );
          fc.pre(stream.length > 0);
          const bad = stream.slice();
          const at = seed % bad.length;
          bad[at] = (bad[at] ?? 0) ^ (1 << (seed % 8));
          const { records } = await readAll([bad], opener);
          const honest = list.filter(({ fragment }) => fragment.length > 0);
          expect(records.length).toBeLessThan(honest.length);
          expect(records).toEqual(honest.slice(0, records.length));
        },
      ),
      { numRuns: 60 },
    ));
});
