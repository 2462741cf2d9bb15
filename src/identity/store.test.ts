/** The store where there is no database, or one that does not work; e2e/identity.spec.ts has a real one. */

import { afterEach, describe, expect, test, vi } from "vitest";
import { failureOf } from "../../test/failure.ts";
import { openIdentityStore } from "./index.ts";

afterEach(() => void vi.unstubAllGlobals());

/** A request for a database, answered by hand. */
interface Asked {
  result?: unknown;
  error?: unknown;
  onsuccess?: () => void;
  onerror?: () => void;
  onblocked?: () => void;
}

/** Puts a factory in the platform's place, which does as it is told when it is asked. */
function stubDatabases(answer: (asked: Asked) => void): void {
  const open = () => {
    const asked: Asked = {};
    queueMicrotask(() => answer(asked));
    return asked;
  };
  vi.stubGlobal("indexedDB", { open });
}

describe("a store of identities can't be opened", () => {
  test("where the platform has no database", async () => {
    expect(await failureOf(() => openIdentityStore())).toMatchObject({
      code: "configuration/unsupported-platform",
      message: expect.stringContaining("IndexedDB"),
    });
  });

  test("where the page may have none", async () => {
    const cause = new DOMException("not here", "SecurityError");
    const open = () => {
      throw cause;
    };
    vi.stubGlobal("indexedDB", { open });
    const failure = await failureOf(() => openIdentityStore());
    expect(failure).toMatchObject({ code: "identity/storage-failed", cause });
  });

  test("where the disk is full", async () => {
    const cause = new DOMException("full", "QuotaExceededError");
    stubDatabases((asked) => {
      asked.error = cause;
      asked.onerror?.();
    });
    const failure = await failureOf(() => openIdentityStore());
    expect(failure).toMatchObject({ code: "identity/storage-failed", cause });
  });

  test("where another tab is in the way, and nothing is left open when it is gone", async () => {
    const close = vi.fn();
    let asked: Asked = {};
    stubDatabases((request) => {
      asked = request;
      request.onblocked?.();
    });
    const failure = await failureOf(() => openIdentityStore());
    expect(failure.code).toBe("identity/storage-failed");
    expect(failure.message).toContain("another tab");
    asked.result = { close };
    asked.onsuccess?.();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test.each([{ name: "x" }, { database: "" }, { database: 7 }])(
    "by options such as %o",
    async (options) => {
      const opening = () => openIdentityStore(options as object);
      expect(await failureOf(opening)).toMatchObject({ code: "configuration/invalid-option" });
    },
  );
});

describe("a database that the browser has closed", () => {
  test("is opened anew by the next who asks", async () => {
    const databases: { onversionchange?: () => void; close: () => void }[] = [];
    stubDatabases((asked) => {
      const transaction = () => {
        throw new DOMException("gone", "InvalidStateError");
      };
      const database = { close: vi.fn(), transaction };
      databases.push(database);
      asked.result = database;
      asked.onsuccess?.();
    });
    const store = await openIdentityStore();
    databases[0]?.onversionchange?.();
    expect(databases[0]?.close).toHaveBeenCalledTimes(1);
    expect(await failureOf(() => store.keys.list())).toMatchObject({
      code: "identity/storage-failed",
    });
    expect(databases).toHaveLength(2);
    store.close();
    expect(await failureOf(() => store.keys.list())).toMatchObject({
      code: "configuration/invalid-state",
    });
  });
});
