/**
 * Sessions kept in IndexedDB, for as long as the browser keeps a site's data. They are secrets: at
 * rest they are encrypted by a key that can't be exported.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { seal, unseal } from "../crypto/webcrypto/sealing.ts";
import { platformSchedule, type Schedule } from "../stream/schedule.ts";
import type { SessionStore, StoredSession } from "../tls/session/store.ts";
import { addRow, databaseVersion, openDatabase, sealingKeyOf, takeRow } from "./session-rows.ts";

/**
 * Longest wait for the database, in milliseconds: resuming saves some hundred of them at most. What
 * it does later counts, but nobody waits for it.
 */
const patience = 1_000;

interface OpenDatabase {
  readonly database: IDBDatabase;
  readonly key: CryptoKey;
}

/**
 * Stores sessions for all tabs of an origin. Where the platform has no database, or one that fails or
 * does not answer (private browsing, a full disk), it is empty.
 */
export class SessionDatabase implements SessionStore {
  readonly #factory: IDBFactory | undefined;
  readonly #schedule: Schedule;
  readonly #now: () => number;
  #opening: Promise<OpenDatabase> | undefined;
  /** It did not answer in time. Nothing more is asked of it until it does. */
  #stalled = false;

  /** It is opened at once, so that it is there when a connection asks. */
  constructor(
    factory: IDBFactory | undefined = globalThis.indexedDB,
    schedule: Schedule = platformSchedule,
    now: () => number = Date.now,
  ) {
    this.#factory = factory;
    this.#schedule = schedule;
    this.#now = now;
    this.#open().catch(() => {});
  }

  async put(partition: string, { bytes, expires }: StoredSession): Promise<void> {
    await this.#patiently(async () => {
      const { database, key } = await this.#open();
      const sealed = await seal(key, boundTo(partition, expires), bytes);
      await addRow(database, { partition, expires, ...sealed }, this.#now());
    });
  }

  async take(partition: string): Promise<StoredSession | undefined> {
    return this.#patiently(async () => {
      const { database, key } = await this.#open();
      for (;;) {
        const row = await takeRow(database, partition, this.#now());
        if (row === undefined) return undefined;
        const { expires } = row;
        const bytes = await unseal(key, boundTo(partition, expires), row);
        // What was not sealed here is dropped: the next one may be better.
        if (bytes !== undefined) return { bytes, expires };
      }
    });
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
    const database = await openDatabase(this.#factory);
    const opening = this.#opening;
    database.onclose = () => this.#forget(opening);
    // A tab with a newer version of webtls wants to change the tables, or the user to delete them.
    database.onversionchange = () => {
      database.close();
      this.#forget(opening);
    };
    return { database, key: await sealingKeyOf(database) };
  }

  #forget(opening: Promise<OpenDatabase> | undefined): void {
    if (this.#opening === opening) this.#opening = undefined;
  }

  #patiently<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#stalled) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const cancel = this.#schedule(() => {
        this.#stalled = true;
        resolve(undefined);
      }, patience);
      const settle = (result?: Result) => {
        cancel();
        this.#stalled = false;
        resolve(result);
      };
      work().then(settle, () => settle());
    });
  }
}

/** What a sealed session belongs to: it can't be moved to another partition, nor made to last. */
function boundTo(partition: string, expires: number): Bytes {
  return new TextEncoder().encode(`webtls session ${databaseVersion} ${partition} ${expires}`);
}
