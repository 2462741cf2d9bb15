import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { platformCrypto } from "../../crypto/platform.ts";
import { maxFragment } from "../limits.ts";
import { Sealer13 } from "./protection13.ts";
import { RecordWriter } from "./writer.ts";

/** The fragments of unprotected records. */
function split(sent: Bytes): Bytes[] {
  const fragments = [];
  for (let at = 0; at < sent.length; ) {
    const length = (sent[at + 3] ?? 0) * 256 + (sent[at + 4] ?? 0);
    fragments.push(sent.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return fragments;
}

async function lengthsFor(...chunkLengths: number[]): Promise<number[]> {
  const sent: Bytes[] = [];
  const writer = new RecordWriter((records) => void sent.push(...records));
  await writer.write(
    23,
    chunkLengths.map((length, n) => new Uint8Array(length).fill(n + 1)),
  );
  const fragments = split(concat(...sent));
  const expected = concat(...chunkLengths.map((length, n) => new Uint8Array(length).fill(n + 1)));
  expect(concat(...fragments)).toEqual(expected);
  return fragments.map(({ length }) => length);
}

describe("RecordWriter", () => {
  test("cuts long chunks and joins short ones", async () => {
    expect(await lengthsFor(1, 2, 3)).toEqual([6]);
    expect(await lengthsFor(maxFragment * 2 + 1)).toEqual([maxFragment, maxFragment, 1]);
    expect(await lengthsFor(10, maxFragment, 10)).toEqual([10, maxFragment, 10]);
    expect(await lengthsFor(0)).toEqual([]);
  });

  test("waits for the transport between batches, and keeps the order", async () => {
    const taken: (() => void)[] = [];
    const writer = new RecordWriter(() => new Promise<void>((resolve) => taken.push(resolve)));
    const written = writer.write(23, [new Uint8Array(maxFragment * 40)]);
    await expect.poll(() => taken.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toHaveLength(1);
    taken[0]?.();
    await expect.poll(() => taken.length).toBe(2);
    taken[1]?.();
    await written;
  });

  test("protects the next write while the transport takes the one before, in order", async () => {
    const sent: Bytes[] = [];
    const taken: (() => void)[] = [];
    const writer = new RecordWriter((records) => {
      sent.push(concat(...records));
      return new Promise<void>((resolve) => taken.push(resolve));
    });
    const large = writer.write(23, [new Uint8Array(maxFragment * 40).fill(1)]);
    const small = writer.write(23, [Uint8Array.of(2)]);
    await expect.poll(() => taken.length).toBe(1);
    taken[0]?.();
    // What is left of the large one, and the small one behind it although that is not taken yet.
    await expect.poll(() => taken.length).toBe(3);
    expect(split(sent[1] ?? new Uint8Array())[0]?.[0]).toBe(1);
    expect(split(sent[2] ?? new Uint8Array())).toEqual([Uint8Array.of(2)]);
    taken[1]?.();
    taken[2]?.();
    await Promise.all([large, small]);
  });

  test("hands an alert over although the transport takes nothing", async () => {
    const sent: Bytes[][] = [];
    const writer = new RecordWriter((records) => {
      sent.push(records);
      return new Promise(() => {});
    });
    void writer.write(23, [Uint8Array.of(1)]);
    await writer.hand(21, Uint8Array.of(1, 0));
    expect(sent.map((records) => records[0]?.[0])).toEqual([23, 21]);
  });

  test("changes the key after what was written before, not earlier", async () => {
    const types: (number | undefined)[] = [];
    const writer = new RecordWriter((records) => void types.push(records[0]?.[0]));
    const key = await platformCrypto.importAeadKey("AES-128-GCM", new Uint8Array(16));
    const writes = [
      writer.write(22, [Uint8Array.of(1)]),
      writer.changeKey(new Sealer13({ aead: "AES-128-GCM", key, iv: new Uint8Array(12) })),
      writer.write(22, [Uint8Array.of(1)]),
    ];
    await Promise.all(writes);
    expect(types).toEqual([22, 23]);
  });

  test("writes nothing once it is closed", async () => {
    const writer = new RecordWriter(() => {});
    writer.close();
    await expect(writer.write(23, [Uint8Array.of(1)])).rejects.toMatchObject({
      code: "configuration/invalid-state",
    });
  });
});
