/** The stores of a worker: the persistent one is opened ahead, and opened anew after a failure. */

import { describe, expect, test } from "vitest";
import { MemorySessionStore } from "../tls/session/memory.ts";
import type { SessionStore } from "../tls/session/store.ts";
import { WorkerSessions } from "./sessions.ts";

const session = { bytes: Uint8Array.of(1), expires: Date.now() + 60_000 };

/** Stores that are opened by hand. */
function makeOpenings() {
  const made: { resolve(store: SessionStore): void; reject(error: unknown): void }[] = [];
  const open = () =>
    new Promise<SessionStore>((resolve, reject) => {
      made.push({ resolve, reject });
    });
  return { made, open };
}

describe("the persistent store", () => {
  test("is opened when it is named, once", async () => {
    const { made, open } = makeOpenings();
    const sessions = new WorkerSessions(open);
    expect(sessions.named("memory")).toBeInstanceOf(MemorySessionStore);
    expect(sessions.named("disabled")).toBeUndefined();
    expect(made).toHaveLength(0);
    const store = sessions.named("persistent");
    expect(made).toHaveLength(1);
    made[0]?.resolve(new MemorySessionStore());
    await store?.put("partition", session);
    expect(sessions.named("persistent")).toBe(store);
    expect(await store?.take("partition")).toEqual(session);
    expect(await store?.take("partition")).toBeUndefined();
    expect(made).toHaveLength(1);
  });

  test("that can't be opened fails, and is opened anew by who comes next", async () => {
    const { made, open } = makeOpenings();
    const store = new WorkerSessions(open).named("persistent");
    const taken = store?.take("partition");
    made[0]?.reject(new TypeError("Failed to fetch dynamically imported module"));
    await expect(taken).rejects.toThrow("Failed to fetch");
    const put = store?.put("partition", session);
    expect(made).toHaveLength(2);
    made[1]?.resolve(new MemorySessionStore());
    await put;
    expect(await store?.take("partition")).toEqual(session);
  });
});
