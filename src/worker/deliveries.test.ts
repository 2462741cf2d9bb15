import { describe, expect, test } from "vitest";
import { nextTurn } from "../bridge/turn.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { costOf, windowSize } from "../stream/credit.ts";
import { Deliveries } from "./deliveries.ts";
import { batchSize } from "./fairness.ts";

const portion = 64 * 1024;

function start() {
  const posts: number[] = [];
  const deliveries = new Deliveries((chunks) => {
    posts.push(chunks.reduce((sum, { length }) => sum + length, 0));
  });
  const deliver = (length: number) => deliveries.deliver([new Uint8Array(length) as Bytes]);
  return { deliveries, deliver, posts };
}

describe("deliveries", () => {
  test("of small portions are posted at once", async () => {
    const { deliver, posts } = start();
    for (const length of [64, 1000, 16_384]) {
      await deliver(length);
      expect(posts.at(-1)).toBe(length);
    }
  });

  test("of large portions that come together are posted as batches", async () => {
    const { deliver, posts } = start();
    for (let count = 0; count < 8; count++) await deliver(portion);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(posts).toEqual([batchSize, batchSize]);
  });

  test("of records are posted as one buffer, and count as the page counts them", async () => {
    const posted: (readonly Bytes[])[] = [];
    const deliveries = new Deliveries((chunks) => posted.push(chunks));
    await deliveries.deliver(Array.from({ length: 8 }, () => new Uint8Array(16_384)));
    deliveries.flush();
    expect(posted.map((chunks) => chunks.map(({ length }) => length))).toEqual([[8 * 16_384]]);
    expect(deliveries.isUnread).toBe(true);
    deliveries.give(costOf(posted[0] ?? []));
    expect(deliveries.isUnread).toBe(false);
  });

  test("are not held back once nothing more comes", async () => {
    const { deliver, posts } = start();
    await deliver(portion);
    expect(posts).toEqual([]);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(posts).toEqual([portion]);
  });

  test("stand before news that is told behind them", async () => {
    const { deliveries, deliver, posts } = start();
    await deliver(portion);
    deliveries.flush();
    expect(posts).toEqual([portion]);
  });

  test("wait at the window, and are dropped where nobody wants them any more", async () => {
    const { deliveries, deliver, posts } = start();
    for (let sent = 0; sent < windowSize; sent += portion) await deliver(portion);
    const posted = posts.length;
    const late = deliver(portion);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(posts).toHaveLength(posted);
    deliveries.give(costOf([new Uint8Array(portion) as Bytes]));
    await late;
    expect(posts).toHaveLength(posted + 1);
    deliveries.stop(new TlsError("closed/local", "It is closed."));
    await deliver(portion);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(posts).toHaveLength(posted + 1);
  });
});
