import { expect, test } from "vitest";
import type { SessionStore, StoredSession } from "../tls/session/store.ts";
import { patiently } from "./patience.ts";
import type { Schedule } from "./schedule.ts";

const session = { bytes: Uint8Array.of(1), expires: 1 };

/** A clock that goes on by hand. */
function makeClock() {
  const waiting = new Set<() => void>();
  const schedule: Schedule = (run) => {
    waiting.add(run);
    return () => waiting.delete(run);
  };
  const expire = () => {
    for (const run of [...waiting]) run();
  };
  return { waiting, schedule, expire };
}

/** A store that answers when it is told to. */
class SlowStore implements SessionStore {
  readonly asked: ((answer: StoredSession | Promise<never>) => void)[] = [];

  put(): void {}

  take(): Promise<StoredSession> {
    return new Promise((resolve) => {
      this.asked.push(resolve);
    });
  }
}

test.each([
  ["answers", () => session],
  ["fails", () => Promise.reject(new Error("gone"))],
])("nobody waits twice for a store that is too slow, until it %s", async (_, late) => {
  const { waiting, schedule, expire } = makeClock();
  const store = new SlowStore();
  const taken = patiently(store, schedule).take("partition");
  await Promise.resolve();
  expire();
  expect(await taken).toBeUndefined();
  // The next connection's.
  const next = patiently(store, schedule);
  expect(await next.take("partition")).toBeUndefined();
  expect(store.asked).toHaveLength(1);
  store.asked[0]?.(late());
  await new Promise((resolve) => setTimeout(resolve));
  const again = next.take("partition");
  expect(store.asked).toHaveLength(2);
  store.asked[1]?.(session);
  expect(await again).toEqual(session);
  await new Promise((resolve) => setTimeout(resolve));
  expect(waiting.size).toBe(0);
});
