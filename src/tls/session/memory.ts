/**
 * Sessions kept in memory, for as long as it lasts.
 *
 * @module
 */

import { maxSessionPartitions, maxSessionsPerPartition } from "../limits.ts";
import type { SessionStore, StoredSession } from "./store.ts";

/** Keeps the newest sessions of the servers met last; both bounds are in `limits.ts`. */
export class MemorySessionStore implements SessionStore {
  /** Partitions in the order of their last put, sessions from the oldest to the newest. */
  readonly #partitions = new Map<string, StoredSession[]>();
  readonly #now: () => number;

  /** @param now the present in milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  put(partition: string, session: StoredSession): void {
    const sessions = this.#unexpired(partition);
    this.#partitions.delete(partition);
    this.#partitions.set(partition, [...sessions, session].slice(-maxSessionsPerPartition));
    if (this.#partitions.size <= maxSessionPartitions) return;
    for (const oldest of this.#partitions.keys()) {
      this.#partitions.delete(oldest);
      return;
    }
  }

  take(partition: string): StoredSession | undefined {
    const sessions = this.#unexpired(partition);
    const newest = sessions.pop();
    if (sessions.length === 0) this.#partitions.delete(partition);
    else this.#partitions.set(partition, sessions);
    return newest;
  }

  #unexpired(partition: string): StoredSession[] {
    const now = this.#now();
    return (this.#partitions.get(partition) ?? []).filter(({ expires }) => expires > now);
  }
}
