import { describe, expect, test } from "vitest";
import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { Deframer, type RawRecord } from "./deframer.ts";
import { Inflow } from "./inflow.ts";

const record = (type: number, fragment: Bytes) =>
  concat(Uint8Array.of(type, 3, 3, fragment.length >> 8, fragment.length & 0xff), fragment);

/** What comes out when the chunks go in and the transport ends, up to an error. */
async function deframe(chunks: Bytes[], max = 1): Promise<(RawRecord | string)[]> {
  const inflow = new Inflow();
  for (const chunk of chunks) void inflow.push(chunk);
  void inflow.end();
  const deframer = new Deframer(inflow);
  const out: (RawRecord | string)[] = [];
  for (;;) {
    try {
      const records = await deframer.take(max);
      if (records.length === 0) return out;
      out.push(...records);
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      return [...out, error.code];
    }
  }
}

const fragments = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(300).fill(9)] as const;
const stream = concat(...fragments.map((fragment) => record(22, fragment)));

describe("Deframer", () => {
  test("gives views of a chunk that holds whole records", async () => {
    const records = await deframe([stream], 8);
    expect(records.map((r) => typeof r === "string" || r.fragment)).toEqual(fragments);
    for (const r of records) expect(typeof r === "string" || r.fragment.buffer).toBe(stream.buffer);
  });

  test("gives the same records for every split of the stream in two", async () => {
    const whole = await deframe([stream]);
    for (let at = 0; at <= stream.length; at++) {
      expect(await deframe([stream.slice(0, at), stream.slice(at)])).toEqual(whole);
    }
  });

  test("gives the same records byte by byte, in batches and one at a time", async () => {
    const whole = await deframe([stream]);
    const single = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(await deframe(single)).toEqual(whole);
    expect(await deframe(single, 4)).toEqual(whole);
  });

  test("uses the memory of records that span chunks again, where nobody refers to it", async () => {
    const inflow = new Inflow();
    const deframer = new Deframer(inflow);
    deframer.reusesMemory = true;
    const buffers = new Set<ArrayBuffer>();
    // Each chunk ends one record and begins another.
    const long = record(23, new Uint8Array(1000).fill(7));
    void inflow.push(long.slice(0, 500));
    for (let count = 0; count < 20; count++) {
      void inflow.push(concat(long.subarray(500), long.subarray(0, 500)));
      const [found] = await deframer.take(8);
      expect(found?.fragment).toEqual(long.slice(5));
      if (found !== undefined) buffers.add(found.fragment.buffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(2);
  });

  test("drops a record that the transport's end has cut", async () => {
    const records = await deframe([stream.slice(0, -1)]);
    expect(records).toHaveLength(2);
  });

  test.each([
    ["a type TLS does not have", Uint8Array.of(0x48, 3, 3, 0, 1), "record/unexpected-type"],
    ["another major version", Uint8Array.of(22, 2, 0, 0, 1), "record/malformed"],
    [
      "too great a length, from the header alone",
      Uint8Array.of(22, 3, 3, 0x40, 1),
      "record/overflow",
    ],
  ])("refuses %s, after the records before it", async (_, header, code) => {
    for (const chunks of [
      [concat(stream, header)],
      [stream, header.slice(0, 2), header.slice(2)],
    ]) {
      const out = await deframe(chunks, 8);
      expect(out).toHaveLength(fragments.length + 1);
      expect(out.at(-1)).toBe(code);
    }
  });

  test("takes records back", async () => {
    const inflow = new Inflow();
    void inflow.push(stream);
    const deframer = new Deframer(inflow);
    const [first, second] = await deframer.take(2);
    if (first === undefined || second === undefined) throw new Error("two records expected");
    deframer.giveBack([second]);
    expect(await deframer.take(1)).toEqual([second]);
    const [third] = await deframer.take(1);
    expect(third?.fragment).toEqual(fragments[2]);
  });

  test("hands over what has not been taken", async () => {
    const inflow = new Inflow();
    const deframer = new Deframer(inflow);
    void inflow.push(concat(stream, stream.subarray(0, 7)));
    const all = await deframer.take(8);
    deframer.giveBack(all.slice(1));
    expect(deframer.handOver()).toEqual(
      concat(stream.subarray(fragments[0].length + 5), stream.subarray(0, 7)),
    );
    expect(deframer.handOver()).toHaveLength(0);
  });
});

describe("Inflow", () => {
  test("resolves a push when the puller asks for more", async () => {
    const inflow = new Inflow();
    let isDone = false;
    const pushed = inflow.push(Uint8Array.of(1)).then(() => {
      isDone = true;
    });
    expect(await inflow.pull()).toEqual(Uint8Array.of(1));
    await Promise.resolve();
    expect(isDone).toBe(false);
    const next = inflow.pull();
    await pushed;
    await Promise.all([inflow.push(Uint8Array.of(2)), next.then(() => inflow.stop())]);
  });

  test("lets everybody go when it is stopped", async () => {
    const inflow = new Inflow();
    const pushed = inflow.push(Uint8Array.of(1));
    inflow.stop();
    await pushed;
    await inflow.push(Uint8Array.of(2));
    await inflow.end();
    expect(await inflow.pull()).toBeUndefined();
  });
});
