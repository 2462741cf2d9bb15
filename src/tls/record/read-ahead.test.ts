import { describe, expect, test } from "vitest";
import { failureOf } from "../../../test/failure.ts";
import { cloningDecrypter, readAhead, type SeenDecrypter } from "../../../test/peer/read-ahead.ts";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { nobleCrypto } from "../../crypto/noble.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { type AeadName, aeadKeyLength } from "../../crypto/provider.ts";
import { mostAhead, partOverhead } from "./ahead-limits.ts";
import { Deframer } from "./deframer.ts";
import { HandshakeJoiner } from "./handshake-joiner.ts";
import { Inflow } from "./inflow.ts";
import type { RecordOpener, RecordSealer } from "./protection.ts";
import { fixedIvLength, Opener12, Sealer12 } from "./protection12.ts";
import { Opener13, Sealer13 } from "./protection13.ts";
import { RecordReader } from "./reader.ts";

const kibibyte = 1024;
const { applicationData, handshake } = { applicationData: 23, handshake: 22 };

interface Setting {
  readonly aead?: AeadName;
  readonly crypto?: Pick<typeof platformCrypto, "importAeadKey">;
}

async function pair13({ aead = "AES-128-GCM", crypto = platformCrypto }: Setting = {}, seed = 3) {
  const key = await crypto.importAeadKey(aead, new Uint8Array(aeadKeyLength[aead]).fill(seed));
  const traffic = { aead, key, iv: new Uint8Array(12).fill(5) };
  return { sealer: new Sealer13(traffic), opener: new Opener13(traffic) };
}

async function pair12({ aead = "AES-128-GCM", crypto = platformCrypto }: Setting = {}) {
  const key = await crypto.importAeadKey(aead, new Uint8Array(aeadKeyLength[aead]).fill(3));
  const traffic = { aead, key, iv: new Uint8Array(fixedIvLength(aead)).fill(5) };
  return { sealer: new Sealer12(traffic), opener: new Opener12(traffic) };
}

/** A reader in the middle of application data, whose records others decrypt. */
function reading(opener: RecordOpener, decrypter: SeenDecrypter = cloningDecrypter()) {
  const inflow = new Inflow();
  const reader = new RecordReader(new Deframer(inflow));
  reader.changeKey(opener, new HandshakeJoiner().boundary());
  reader.beginTraffic();
  reader.ahead = readAhead(reader, decrypter);
  return { inflow, reader, decrypter };
}

async function sealed(sealer: RecordSealer, type: number, content: Uint8Array): Promise<Bytes> {
  return concat(...(await sealer.seal(type, content)));
}

/** Bytes that tell where they stand. */
function pattern(length: number, first = 0): Bytes {
  return Uint8Array.from({ length }, (_, index) => (first + index * 7 + (index >> 8)) & 0xff);
}

/** As `toEqual`, which takes seconds for long ones. */
function expectSame(found: Bytes | undefined, expected: Bytes): void {
  expect(found?.length).toBe(expected.length);
  expect(Buffer.compare(found ?? expected, expected)).toBe(0);
}

/** Application data in records of a size. */
async function records(sealer: RecordSealer, data: Bytes, size: number): Promise<Bytes> {
  const all: Bytes[] = [];
  for (let at = 0; at < data.length; at += size) {
    all.push(await sealed(sealer, applicationData, data.subarray(at, at + size)));
  }
  return concat(...all);
}

/** Pushes it cut into chunks, each in a buffer of its own. */
function push(inflow: Inflow, stream: Bytes, size: number): void {
  for (let at = 0; at < stream.length; at += size) void inflow.push(stream.slice(at, at + size));
}

/** All that is application data, up to the end or what is none. */
async function dataOf(reader: RecordReader): Promise<Bytes> {
  const data: Bytes[] = [];
  for (;;) {
    const record = await reader.next();
    if (record === undefined || record.type !== applicationData) return concat(...data);
    data.push(record.fragment);
  }
}

describe.each([
  ["TLS 1.3", pair13],
  ["TLS 1.2", pair12],
])("%s, read ahead", (_, pair) => {
  test.each<AeadName>(["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"])(
    "what %s protects comes as it went",
    async (aead) => {
      const { sealer, opener } = await pair({ aead });
      const data = pattern(600 * kibibyte);
      const stream = await records(sealer, data, 16 * kibibyte);
      const { inflow, reader } = reading(opener);
      push(inflow, stream, 256 * kibibyte);
      void inflow.end();
      expectSame(await dataOf(reader), data);
      expect(reader.count).toEqual({ records: 38, bytes: stream.length });
    },
  );

  test.each([
    [16 * kibibyte, 64 * kibibyte],
    [16 * kibibyte, 40_001],
    [1000, 256 * kibibyte],
    [5000, 333],
    [100, 100 * kibibyte],
  ])("records of %i bytes in chunks of %i are cut and joined right", async (size, chunk) => {
    const { sealer, opener } = await pair();
    const data = pattern(300_000);
    const stream = await records(sealer, data, size);
    const { inflow, reader } = reading(opener);
    push(inflow, stream, chunk);
    void inflow.end();
    expectSame(await dataOf(reader), data);
    expect(reader.count.bytes).toBe(stream.length);
  });

  test("a changed record is refused in its turn", async () => {
    const { sealer, opener } = await pair();
    const stream = await records(sealer, pattern(128 * kibibyte), 16 * kibibyte);
    const at = stream.length - 100;
    stream[at] = (stream[at] ?? 0) ^ 1;
    const { inflow, reader } = reading(opener);
    push(inflow, stream, stream.length);
    expectSame((await reader.next())?.fragment, pattern(112 * kibibyte));
    expect((await failureOf(() => reader.next())).code).toBe("record/bad-mac");
  });

  test("a record out of turn is refused", async () => {
    const { sealer, opener } = await pair();
    const first = await records(sealer, pattern(64 * kibibyte), 16 * kibibyte);
    await sealed(sealer, applicationData, Uint8Array.of(1));
    const rest = await records(sealer, pattern(64 * kibibyte), 16 * kibibyte);
    const { inflow, reader } = reading(opener);
    push(inflow, concat(first, rest), 256 * kibibyte);
    expect((await reader.next())?.fragment).toHaveLength(64 * kibibyte);
    expect((await failureOf(() => reader.next())).code).toBe("record/bad-mac");
  });

  test("a header that is wrong is refused behind what came before it", async () => {
    const { sealer, opener } = await pair();
    const stream = await records(sealer, pattern(64 * kibibyte), 16 * kibibyte);
    const { inflow, reader } = reading(opener);
    push(inflow, concat(stream, Uint8Array.of(99, 3, 3, 0, 1)), 256 * kibibyte);
    expect((await reader.next())?.fragment).toHaveLength(64 * kibibyte);
    expect((await failureOf(() => reader.next())).code).toBe("record/unexpected-type");
  });

  test("empty records are seen, each by itself", async () => {
    const { sealer, opener } = await pair();
    const { inflow, reader } = reading(opener);
    const data = await records(sealer, pattern(64 * kibibyte), 16 * kibibyte);
    const empty = await sealed(sealer, applicationData, new Uint8Array(0));
    const other = await sealed(sealer, applicationData, new Uint8Array(0));
    push(inflow, concat(data, empty, other), 256 * kibibyte);
    await reader.next();
    expect((await reader.next())?.fragment).toHaveLength(0);
    expect((await reader.next())?.fragment).toHaveLength(0);
  });

  test("what a library has the key of is opened here", async () => {
    const { sealer, opener } = await pair({ crypto: nobleCrypto });
    const { inflow, reader, decrypter } = reading(opener);
    push(inflow, await records(sealer, pattern(100_000), 16 * kibibyte), 64 * kibibyte);
    void inflow.end();
    expectSame(await dataOf(reader), pattern(100_000));
    expect(decrypter.jobs).toEqual([]);
  });
});

test("data come joined, and what is none by itself in its turn", async () => {
  const { sealer, opener } = await pair13();
  const { inflow, reader, decrypter } = reading(opener);
  const before = await records(sealer, pattern(64 * kibibyte), 16 * kibibyte);
  const message = await sealed(sealer, handshake, Uint8Array.of(4, 0, 0, 0));
  const behind = await records(sealer, pattern(64 * kibibyte, 9), 16 * kibibyte);
  void inflow.push(concat(before, message, behind));
  const found = [await reader.next(), await reader.next(), await reader.next()];
  expect(found.map((record) => record?.type)).toEqual([
    applicationData,
    handshake,
    applicationData,
  ]);
  expectSame(found[0]?.fragment, pattern(64 * kibibyte));
  expect(found[2]?.fragment.slice(0, 10)).toEqual(pattern(10, 9));
  expect(decrypter.jobs.length).toBeGreaterThan(0);
});

describe("behind a KeyUpdate", () => {
  /** Data, a KeyUpdate, and 600 KiB more under one of the two keys. @returns the reader between them. */
  async function changing(behind: "old" | "next", chunk: number): Promise<RecordReader> {
    const pairs = { old: await pair13(), next: await pair13({}, 4) };
    const { inflow, reader } = reading(pairs.old.opener);
    const stream = concat(
      await records(pairs.old.sealer, pattern(64 * kibibyte), 16 * kibibyte),
      await sealed(pairs.old.sealer, handshake, Uint8Array.of(24, 0, 0, 1, 0)),
      await records(pairs[behind].sealer, pattern(600 * kibibyte, 1), 16 * kibibyte),
    );
    push(inflow, stream, chunk);
    void inflow.end();
    expectSame(await dataOf(reader), pattern(64 * kibibyte));
    reader.changeKey(pairs.next.opener, new HandshakeJoiner().boundary());
    return reader;
  }

  test("the new key counts, though records were sent ahead with the old one", async () => {
    const reader = await changing("next", 64 * kibibyte);
    expectSame(await dataOf(reader), pattern(600 * kibibyte, 1));
  });

  test("what the old key protects is refused (RFC 8446 §4.6.3)", async () => {
    const reader = await changing("old", 700 * kibibyte);
    expect((await failureOf(() => reader.next())).code).toBe("record/bad-mac");
  });
});

test("padding is taken off (RFC 8446 §5.4)", async () => {
  const { sealer, opener } = await pair13();
  const { inflow, reader } = reading(opener);
  const padded: Bytes[] = [];
  for (let count = 0; count < 8; count++) {
    padded.push(...(await sealer.seal(applicationData, pattern(8 * kibibyte), 500)));
  }
  void inflow.push(concat(...padded));
  const { fragment } = (await reader.next()) ?? {};
  expectSame(fragment, concat(...Array(8).fill(pattern(8 * kibibyte))));
});

test("a little that comes by itself is opened here", async () => {
  const { sealer, opener } = await pair13();
  const { inflow, reader, decrypter } = reading(opener);
  for (let count = 0; count < 5; count++) {
    void inflow.push(await sealed(sealer, applicationData, pattern(1000)));
    expectSame((await reader.next())?.fragment, pattern(1000));
  }
  expect(decrypter.jobs).toEqual([]);
});

test("a key goes along once", async () => {
  const { sealer, opener } = await pair13();
  const { inflow, reader, decrypter } = reading(opener);
  push(inflow, await records(sealer, pattern(600 * kibibyte), 16 * kibibyte), 256 * kibibyte);
  void inflow.end();
  await dataOf(reader);
  const [first, ...others] = decrypter.jobs;
  expect(first?.protection?.handle.extractable).toBe(false);
  expect(others.length).toBeGreaterThan(0);
  expect(others.every(({ protection }) => protection === undefined)).toBe(true);
});

describe("it is so far ahead at the most of whoever takes from it", () => {
  const turn = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  const mostChunks = mostAhead / (256 * kibibyte) + 3;

  /** Pushes the same chunk again and again: nobody looks at what becomes of it. */
  async function pushing(inflow: Inflow, chunk: Bytes) {
    const seen = { accepted: 0 };
    const go = async () => {
      for (let count = 0; count < 60; count++) {
        await inflow.push(chunk.slice());
        seen.accepted++;
      }
    };
    void go();
    await turn(200);
    return seen;
  }

  test("when nobody does", async () => {
    const { sealer, opener } = await pair13();
    const { inflow, reader } = reading(opener);
    const chunk = await records(sealer, pattern(256 * kibibyte), 16 * kibibyte);
    const asked = reader.next();
    const seen = await pushing(inflow, chunk);
    await asked;
    expect(seen.accepted).toBeLessThanOrEqual(mostChunks);
  });

  test("whatever little is taken", async () => {
    const { sealer, opener } = await pair13();
    const { inflow, reader } = reading(opener);
    for (let count = 0; count < 40; count++) {
      void inflow.push(await sealed(sealer, applicationData, pattern(10)));
      await turn(2);
      if (count === 0) await reader.next();
    }
    const seen = await pushing(
      inflow,
      await records(sealer, pattern(256 * kibibyte), 16 * kibibyte),
    );
    for (let count = 1; count < 40; count++) await reader.next();
    await turn(100);
    expect(seen.accepted).toBeLessThanOrEqual(mostChunks);
  });

  test("also of records with next to nothing in them", async () => {
    const { sealer, opener } = await pair13();
    const { inflow, reader } = reading(opener);
    const asked = reader.next();
    const empty = await sealed(sealer, applicationData, new Uint8Array(0));
    const seen = await pushing(inflow, concat(...Array<Bytes>(2000).fill(empty)));
    await asked;
    expect(seen.accepted).toBeLessThanOrEqual(mostAhead / (2000 * partOverhead) + 3);
  });
});

test("buffers that are given away hold hardly more than the records that go", async () => {
  const { sealer, opener } = await pair12();
  const { inflow, reader, decrypter } = reading(opener);
  const data = await records(sealer, pattern(48 * kibibyte), 16 * kibibyte);
  // Keyless, and of two kinds in turns: none can be gathered with its neighbours.
  const junk = Uint8Array.of(applicationData, 3, 3, 0, 0, handshake, 3, 3, 0, 0);
  void inflow.push(concat(data, ...Array<Bytes>(20_000).fill(junk)));
  expect((await reader.next())?.fragment).toHaveLength(48 * kibibyte);
  expect((await failureOf(() => reader.next())).code).toBe("record/bad-mac");
  const given = decrypter.jobs.flatMap(({ pieces }) => pieces.map(({ buffer }) => buffer));
  const total = given.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  expect(total).toBeLessThan(2 * data.length);
});

test("what comes after the end is the end again", async () => {
  const { opener } = await pair13();
  const { inflow, reader } = reading(opener);
  void inflow.end();
  expect(await reader.next()).toBeUndefined();
  expect(await reader.next()).toBeUndefined();
});
