/** The database without one that works. */

import { afterEach, describe, expect, test, vi } from "vitest";
import {
  blindedName,
  generateNamingKey,
  generateSealingKey,
  isNamingKey,
  isSealingKey,
} from "../crypto/webcrypto/sealing.ts";
import { SessionDatabase } from "./session-database.ts";

const session = { bytes: Uint8Array.of(1), expires: Date.now() + 60_000 };

/** Something whose `open()` does as it is told. */
function factory(open: () => unknown): IDBFactory {
  return { open } as unknown as IDBFactory;
}

/** Requests that are answered by hand. */
class Requests {
  readonly made: { onsuccess?: () => void; onerror?: () => void; result?: unknown }[] = [];
  readonly factory = factory(() => {
    const request = {};
    this.made.push(request);
    return request;
  });

  /** Refuses the newest one. */
  refuse(): void {
    this.made.at(-1)?.onerror?.();
  }

  /** Answers the newest one. */
  answer(result: unknown): void {
    const request = this.made.at(-1);
    Object.assign(request ?? {}, { result });
    request?.onsuccess?.();
  }
}

afterEach(() => void vi.unstubAllGlobals());

describe("a store of sessions fails", () => {
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
    await expect(store.put("partition", session)).rejects.toThrow();
    await expect(store.take("partition")).rejects.toThrow();
  });

  test("where opening is refused, until it is not", async () => {
    const requests = new Requests();
    const store = new SessionDatabase(requests.factory);
    const taken = store.take("partition");
    requests.refuse();
    await expect(taken).rejects.toBeUndefined();
    // It is asked again by whoever comes next.
    const again = store.take("partition");
    expect(requests.made).toHaveLength(2);
    requests.refuse();
    await expect(again).rejects.toBeUndefined();
  });

  test("in an insecure context, without a database", async () => {
    const requests = new Requests();
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const store = new SessionDatabase(requests.factory);
    await expect(store.take("partition")).rejects.toMatchObject({
      code: "configuration/unsupported-platform",
    });
    expect(requests.made).toEqual([]);
  });

  test("where its keys can't be had, and leaves nothing open", async () => {
    const requests = new Requests();
    const store = new SessionDatabase(requests.factory);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const taken = store.take("partition");
      const close = vi.fn();
      const transaction = () => {
        throw new DOMException("no such table", "NotFoundError");
      };
      requests.answer({ transaction, close });
      await expect(taken).rejects.toThrow("no such table");
      expect(close).toHaveBeenCalledTimes(1);
      expect(requests.made).toHaveLength(attempt);
    }
  });
});

describe("the key that names partitions", () => {
  test("can't be exported, and is not that which seals", async () => {
    const [sealing, naming] = await Promise.all([generateSealingKey(), generateNamingKey()]);
    await expect(crypto.subtle.exportKey("raw", naming)).rejects.toThrow();
    expect([isNamingKey(naming), isSealingKey(naming)]).toEqual([true, false]);
    expect([isNamingKey(sealing), isSealingKey(sealing)]).toEqual([false, true]);
    expect([isNamingKey(undefined), isNamingKey({ type: "secret" })]).toEqual([false, false]);
  });

  test("gives the same name again, and another one by each key", async () => {
    const [one, other] = await Promise.all([generateNamingKey(), generateNamingKey()]);
    const name = await blindedName(one, "partition");
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await blindedName(one, "partition")).toBe(name);
    expect(await blindedName(one, "partition 2")).not.toBe(name);
    expect(await blindedName(other, "partition")).not.toBe(name);
  });
});
