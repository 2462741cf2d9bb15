/**
 * The database that identities are kept in.
 *
 * @module
 */

import { invalidState, TlsError } from "../errors.ts";

/** Both go from a name to what is kept. */
export const tableNames = ["identities", "keys"] as const;
export type TableName = (typeof tableNames)[number];

const version = 1;

/** A database that is opened when it is wanted, anew where the browser has closed it. */
export class StoreDatabase {
  readonly #name: string;
  #opening: Promise<IDBDatabase> | undefined;
  #isClosed = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws TlsError `configuration/unsupported-platform`, `identity/storage-failed`. */
  async open(): Promise<void> {
    await this.#database();
  }

  close(): void {
    this.#isClosed = true;
    this.#opening?.then(
      (database) => database.close(),
      () => {},
    );
    this.#opening = undefined;
  }

  /**
   * One transaction with one request, to its end.
   *
   * @throws TlsError `identity/storage-failed`, `configuration/invalid-state` after the end.
   */
  async run<Result>(
    table: TableName,
    mode: "readonly" | "readwrite",
    act: (store: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> {
    const database = await this.#database();
    try {
      // A key that can't be made again is to be on the disk, not in a cache of the system's.
      const transaction = database.transaction(table, mode, { durability: "strict" });
      const request = act(transaction.objectStore(table));
      await completionOf(transaction);
      return request.result;
    } catch (cause) {
      throw failed("refused to read or write", cause);
    }
  }

  /** After a failure, or when it was closed, it is opened anew. */
  #database(): Promise<IDBDatabase> {
    if (this.#isClosed) throw invalidState("The identity store is closed: open another one.");
    const opening = this.#opening ?? openDatabase(this.#name);
    this.#opening = opening;
    const forget = () => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    opening.then((database) => {
      database.onclose = forget;
      // A tab with a newer version of webtls wants to change the tables, or the user to delete them.
      database.onversionchange = () => {
        database.close();
        forget();
      };
    }, forget);
    return opening;
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const factory: IDBFactory | undefined = globalThis.indexedDB;
  if (factory === undefined) {
    throw new TlsError(
      "configuration/unsupported-platform",
      "This platform has no IndexedDB, where identities are kept: expected a browser's page or worker. In Node, keep certificates and key in files.",
    );
  }
  return new Promise((resolve, reject) => {
    let isRefused = false;
    const refuse = (error: TlsError) => {
      isRefused = true;
      reject(error);
    };
    try {
      const request = factory.open(name, version);
      request.onupgradeneeded = () => {
        for (const table of tableNames) request.result.createObjectStore(table);
      };
      request.onblocked = () =>
        refuse(failed("is in use by another tab with an older page, which has to be closed"));
      request.onerror = () => refuse(failed("can't be opened", request.error));
      request.onsuccess = () => {
        // Nobody waits for it any more, and left open it would be in others' way.
        if (isRefused) request.result.close();
        else resolve(request.result);
      };
    } catch (cause) {
      refuse(failed("can't be opened", cause));
    }
  });
}

function completionOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @param reason what the database does, e.g. `"can't be opened"`. */
function failed(reason: string, cause?: unknown): TlsError {
  return new TlsError(
    "identity/storage-failed",
    `The database of identities ${reason}. Browsers refuse it in private windows, and when the disk is full; the cause says more.`,
    cause === undefined ? {} : { cause },
  );
}
