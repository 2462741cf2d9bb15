/**
 * The tables of stored sessions in IndexedDB. Each function is one transaction, so that tabs that do
 * the same at a time don't come between.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import {
  generateNamingKey,
  generateSealingKey,
  isNamingKey,
  isSealingKey,
} from "../crypto/webcrypto/sealing.ts";
import { maxSessionsPerPartition } from "../tls/limits.ts";

/** With another version, all that was kept is dropped. */
export const databaseVersion = 2;
const databaseName = "webtls-sessions";
const keysName = "keys";

/** Sessions kept in all; the oldest go first. Each has some kilobytes, most of them
 * certificates, and at most `maxSessionLength`. */
export const maxStoredSessions = 512;

/** A session as it is stored. */
export interface SessionRow {
  /** Its name by the origin's key: which server it stands for does not show. */
  readonly partition: string;
  /** In milliseconds since 1970. */
  readonly expires: number;
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
}

/** Opens the database, and makes it where there is none. Where it is blocked, that may take long. */
export function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(databaseName, databaseVersion);
  request.onupgradeneeded = () => {
    const database = request.result;
    for (const name of [...database.objectStoreNames]) database.deleteObjectStore(name);
    database.createObjectStore("keys");
    const sessions = database.createObjectStore("sessions", { autoIncrement: true });
    sessions.createIndex("partition", "partition");
    sessions.createIndex("expires", "expires");
  };
  return resultOf(request);
}

/** What seals an origin's sessions, and what names their partitions. */
export interface StorageKeys {
  readonly sealing: CryptoKey;
  readonly naming: CryptoKey;
}

/** The keys of this origin's sessions: the same for all tabs, made by the first. */
export async function storageKeysOf(database: IDBDatabase): Promise<StorageKeys> {
  const kept = await resultOf(database.transaction("keys").objectStore("keys").get(keysName));
  if (areStorageKeys(kept)) return kept;
  // No transaction lasts while keys are being made: another tab may have been faster.
  const [sealing, naming] = await Promise.all([generateSealingKey(), generateNamingKey()]);
  const transaction = database.transaction("keys", "readwrite");
  const store = transaction.objectStore("keys");
  let keys: StorageKeys = { sealing, naming };
  const again = store.get(keysName);
  again.onsuccess = () => {
    if (areStorageKeys(again.result)) keys = again.result;
    else store.put(keys, keysName);
  };
  await completionOf(transaction);
  return keys;
}

function areStorageKeys(value: unknown): value is StorageKeys {
  const { sealing, naming } = Object(value);
  return isSealingKey(sealing) && isNamingKey(naming);
}

/** Adds a session, and drops what is too old and too many. */
export async function addRow(database: IDBDatabase, row: SessionRow, now: number): Promise<void> {
  const transaction = database.transaction("sessions", "readwrite");
  const sessions = transaction.objectStore("sessions");
  const drop = (request: IDBRequest<IDBValidKey[]>, kept: number) => {
    request.onsuccess = () => {
      const tooMany = Math.max(0, request.result.length - kept);
      for (const key of request.result.slice(0, tooMany)) sessions.delete(key);
    };
  };
  sessions.add(row);
  drop(sessions.index("expires").getAllKeys(IDBKeyRange.upperBound(now)), 0);
  // Keys are given in the order of insertion.
  drop(sessions.index("partition").getAllKeys(row.partition), maxSessionsPerPartition);
  drop(sessions.getAllKeys(), maxStoredSessions);
  await completionOf(transaction);
}

/** Takes out the newest session of a partition that has not expired. */
export async function takeRow(
  database: IDBDatabase,
  partition: string,
  now: number,
): Promise<SessionRow | undefined> {
  const transaction = database.transaction("sessions", "readwrite");
  const newestFirst = transaction.objectStore("sessions").index("partition");
  const request = newestFirst.openCursor(partition, "prev");
  let taken: SessionRow | undefined;
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor === null) return;
    const row: unknown = cursor.value;
    cursor.delete();
    if (isRow(row) && row.expires > now) taken = row;
    else cursor.continue();
  };
  // Only what is gone for everybody else is this caller's.
  await completionOf(transaction);
  return taken;
}

/** Whoever has the page's origin can write to the database: a row may be anything. */
function isRow(value: unknown): value is SessionRow {
  const { expires, iv, ciphertext } = value as Partial<Record<keyof SessionRow, unknown>>;
  return (
    typeof expires === "number" && iv instanceof Uint8Array && ciphertext instanceof Uint8Array
  );
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completionOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
