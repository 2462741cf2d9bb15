/**
 * Sessions kept in IndexedDB, for as long as the browser keeps a site's data. They are secrets: at
 * rest they are encrypted, and the servers they are for made unrecognizable, by keys that can't be
 * exported.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { blindedName, requireStorageKeys, seal, unseal } from "../crypto/webcrypto/sealing.ts";
import type { SessionStore, StoredSession } from "../tls/session/store.ts";
import {
  addRow,
  databaseVersion,
  openDatabase,
  type StorageKeys,
  storageKeysOf,
  takeRow,
} from "./session-rows.ts";

interface OpenDatabase extends StorageKeys {
  readonly database: IDBDatabase;
}

/**
 * Stores sessions for all tabs of an origin.
 *
 * @throws whatever the platform does where it has no database, or one that fails (private browsing, a
 * full disk).
 */
export class SessionDatabase implements SessionStore {
  readonly #factory: IDBFactory | undefined;
  readonly #now: () => number;
  #opening: Promise<OpenDatabase> | undefined;

  /** It is opened at once, so that it is there when a connection asks. */
  constructor(
    factory: IDBFactory | undefined = globalThis.indexedDB,
    now: () => number = Date.now,
  ) {
    this.#factory = factory;
    this.#now = now;
    this.#open().catch(() => {});
  }

  async put(partition: string, { bytes, expires }: StoredSession): Promise<void> {
    const { database, sealing, naming } = await this.#open();
    const name = await blindedName(naming, partition);
    const sealed = await seal(sealing, boundTo(partition, expires), bytes);
    await addRow(database, { partition: name, expires, ...sealed }, this.#now());
  }

  async take(partition: string): Promise<StoredSession | undefined> {
    const { database, sealing, naming } = await this.#open();
    const name = await blindedName(naming, partition);
    for (;;) {
      const row = await takeRow(database, name, this.#now());
      if (row === undefined) return undefined;
      const { expires } = row;
      const bytes = await unseal(sealing, boundTo(partition, expires), row);
      // What was not sealed here is dropped: the next one may be better.
      if (bytes !== undefined) return { bytes, expires };
    }
  }

  /** The open database; after a failure, or when it was closed, it is opened anew. */
  #open(): Promise<OpenDatabase> {
    const opening = this.#opening ?? this.#reopen();
    this.#opening = opening;
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  async #reopen(): Promise<OpenDatabase> {
    if (this.#factory === undefined) throw new Error("The platform has no IndexedDB.");
    requireStorageKeys();
    const database = await openDatabase(this.#factory);
    const opening = this.#opening;
    database.onclose = () => this.#forget(opening);
    // A tab with a newer version of webtls wants to change the tables, or the user to delete them.
    database.onversionchange = () => {
      database.close();
      this.#forget(opening);
    };
    try {
      return { database, ...(await storageKeysOf(database)) };
    } catch (error) {
      // It will be opened anew, and one that is left open would block a newer version of webtls.
      database.close();
      throw error;
    }
  }

  #forget(opening: Promise<OpenDatabase> | undefined): void {
    if (this.#opening === opening) this.#opening = undefined;
  }
}

/** What a sealed session belongs to: it can't be moved to another partition, nor made to last. */
function boundTo(partition: string, expires: number): Bytes {
  return new TextEncoder().encode(`webtls session ${databaseVersion} ${partition} ${expires}`);
}
