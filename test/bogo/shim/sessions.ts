/**
 * The sessions of a run: a store on a clock that can be put forward.
 *
 * @module
 */

import {
  MemorySessionStore,
  type SessionStore,
  type StoredSession,
} from "../../../src/stream/duplex.ts";

export class Sessions implements SessionStore {
  /** How many sessions the latest connection has made. */
  made = 0;
  readonly #store = new MemorySessionStore(() => this.now());
  #offset = 0;
  #taken: StoredSession | undefined;

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** Lets time pass. */
  delay(seconds: number): void {
    this.#offset += seconds * 1000;
  }

  /** Begins to count. */
  begin(): void {
    this.made = 0;
    this.#taken = undefined;
  }

  /** Whether the latest connection had a session to offer. */
  get hadOne(): boolean {
    return this.#taken !== undefined;
  }

  put(partition: string, session: StoredSession): void {
    this.#store.put(partition, session);
    this.made++;
  }

  take(partition: string): StoredSession | undefined {
    this.#taken = this.#store.take(partition);
    return this.#taken;
  }
}
