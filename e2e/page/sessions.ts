/**
 * What tests do with sessions in IndexedDB.
 *
 * @module
 */

import { SessionDatabase } from "../../src/worker/session-database.ts";
import { ask, create, type Trial } from "./rig.ts";

export { SessionDatabase };

/**
 * How the handshake of a connection went whose sessions are kept in IndexedDB. A full one ends when a
 * session of it is kept.
 */
export async function handshake(trial: Trial) {
  const before = await storedKeys();
  const tls = create(trial, { sessions: "persistent" });
  try {
    const socket = tls.connect(trial.address, trial.options);
    const { handshake } = await socket.opened;
    // The tickets of TLS 1.3 come with the first answer.
    await ask(socket, "webtls");
    // Keys go up with each session that is kept. A resumed one may bring none.
    const isNew = (key: number) => before.every((known) => known < key);
    while (handshake === "full" && !(await storedKeys()).some(isNew)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await socket.close();
    return handshake;
  } finally {
    await tls.close();
  }
}

/** The rows of the database as they are, in the order they were added. */
export function storedSessions(): Promise<{ partition: string; ciphertext: Uint8Array }[]> {
  return inSessionTables("sessions", "readonly", (sessions) => sessions.getAll());
}

/** Their keys. */
export function storedKeys(): Promise<number[]> {
  return inSessionTables("sessions", "readonly", (sessions) => sessions.getAllKeys());
}

/** Changes each stored session, as a disk or a script might. */
export async function spoilSessions(how: "ciphertext" | "partition" | "shape"): Promise<void> {
  const rows = await storedSessions();
  const keys = await storedKeys();
  for (const [index, row] of rows.entries()) {
    const ciphertext = row.ciphertext.map((byte) => byte ^ 1);
    const spoilt = {
      ciphertext: { ...row, ciphertext },
      // Another partition's row, under this one's name.
      partition: { ...row, ciphertext: rows.at(index - 1)?.ciphertext },
      shape: { partition: row.partition, expires: "later" },
    }[how];
    await inSessionTables("sessions", "readwrite", (table) => table.put(spoilt, keys[index]));
  }
}

/** Drops all stored sessions but one. */
export async function keepOneSession(): Promise<void> {
  for (const key of (await storedKeys()).slice(1)) {
    await inSessionTables("sessions", "readwrite", (table) => table.delete(key));
  }
}

/** Whether the keys of the stored sessions can be had. */
export async function sessionKeys() {
  const [keys] = await inSessionTables<Record<string, CryptoKey>[]>("keys", "readonly", (keys) =>
    keys.getAll(),
  );
  const tried = Object.entries(keys ?? {}).map(async ([name, key]) => {
    const exported = await crypto.subtle.exportKey("raw", key).then(
      () => "exported",
      (error: Error) => error.name,
    );
    return { name, extractable: key.extractable, exported };
  });
  return Promise.all(tried);
}

async function inSessionTables<Result>(
  name: "sessions" | "keys",
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<Result> {
  // Opening it would make an empty one.
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === "webtls-sessions")) return [] as Result;
  const database = await resultOf(indexedDB.open("webtls-sessions"));
  try {
    return await resultOf(act(database.transaction(name, mode).objectStore(name)));
  } finally {
    database.close();
  }
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
