/** The store without a database that works: whatever is wrong with it, it is empty. */

import { describe, expect, test } from "vitest";
import type { Schedule } from "../stream/schedule.ts";
import { SessionDatabase } from "./session-database.ts";

const session = { bytes: Uint8Array.of(1), expires: Date.now() + 60_000 };

/** Something whose `open()` does as it is told. */
function factory(open: () => unknown): IDBFactory {
  return { open } as unknown as IDBFactory;
}

/** Requests that are answered by hand. */
class Requests {
  readonly made: Partial<IDBOpenDBRequest>[] = [];
  readonly factory = factory(() => {
    const request: Partial<IDBOpenDBRequest> = {};
    this.made.push(request);
    return request;
  });

  /** Refuses the newest one. */
  refuse(): void {
    this.made.at(-1)?.onerror?.call({} as IDBRequest, {} as Event);
  }
}

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

describe("a store of sessions is empty", () => {
  test.each<[string, IDBFactory | undefined]>([
    ["where the platform has no database", undefined],
    [
      "where the page may have none",
      factory(() => {
        throw new DOMException("not here", "SecurityError");
      }),
    ],
  ])("%s", async (_, database) => {
    const store = new SessionDatabase(database);
    await store.put("partition", session);
    expect(await store.take("partition")).toBeUndefined();
  });

  test("where opening is refused, until it is not", async () => {
    const requests = new Requests();
    const store = new SessionDatabase(requests.factory);
    const taken = store.take("partition");
    requests.refuse();
    expect(await taken).toBeUndefined();
    // It is asked again by whoever comes next.
    const again = store.take("partition");
    expect(requests.made).toHaveLength(2);
    requests.refuse();
    expect(await again).toBeUndefined();
  });

  test("where opening never ends, and nobody waits for that twice", async () => {
    const requests = new Requests();
    const clock = makeClock();
    const store = new SessionDatabase(requests.factory, clock.schedule);
    const taken = store.take("partition");
    expect(clock.waiting.size).toBe(1);
    clock.expire();
    expect(await taken).toBeUndefined();
    await store.put("partition", session);
    expect(await store.take("partition")).toBeUndefined();
    expect(requests.made).toHaveLength(1);
    // Once it answers, it is asked again.
    requests.refuse();
    await new Promise((resolve) => setTimeout(resolve));
    const again = store.take("partition");
    expect(requests.made).toHaveLength(2);
    requests.refuse();
    expect(await again).toBeUndefined();
  });
});
