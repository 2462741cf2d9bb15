import { describe, expect, test } from "vitest";
import { maxSessionPartitions, maxSessionsPerPartition } from "../limits.ts";
import { MemorySessionStore } from "./memory.ts";
import type { StoredSession } from "./store.ts";

const session = (mark: number, expires = 1_000): StoredSession => ({
  bytes: Uint8Array.of(mark),
  expires,
});
const marks = (store: MemorySessionStore, partition: string) => {
  const taken: (number | undefined)[] = [];
  for (let next = store.take(partition); next !== undefined; next = store.take(partition)) {
    taken.push(next.bytes[0]);
  }
  return taken;
};

describe("MemorySessionStore", () => {
  test("hands out the newest first, and each once", () => {
    const store = new MemorySessionStore(() => 0);
    for (const mark of [1, 2, 3]) store.put("a", session(mark));
    expect(marks(store, "a")).toEqual([3, 2, 1]);
    expect(store.take("a")).toBeUndefined();
  });

  test("keeps partitions apart", () => {
    const store = new MemorySessionStore(() => 0);
    store.put("a", session(1));
    expect(store.take("b")).toBeUndefined();
    expect(marks(store, "a")).toEqual([1]);
  });

  test("drops what has expired, whatever is newer", () => {
    let now = 0;
    const store = new MemorySessionStore(() => now);
    store.put("a", session(1, 500));
    store.put("a", session(2, 100));
    now = 100;
    expect(marks(store, "a")).toEqual([1]);
  });

  test("keeps so many of a partition and no more, the newest ones", () => {
    const store = new MemorySessionStore(() => 0);
    for (let mark = 0; mark < maxSessionsPerPartition + 3; mark++) store.put("a", session(mark));
    expect(marks(store, "a")).toEqual([10, 9, 8, 7, 6, 5, 4, 3]);
  });

  test("keeps so many partitions and no more, those written last", () => {
    const store = new MemorySessionStore(() => 0);
    for (let index = 0; index < maxSessionPartitions; index++) store.put(`${index}`, session(1));
    store.put("0", session(2));
    store.put("new", session(3));
    expect(marks(store, "0")).toEqual([2, 1]);
    expect(marks(store, "1")).toEqual([]);
    expect(marks(store, "2")).toEqual([1]);
  });
});
