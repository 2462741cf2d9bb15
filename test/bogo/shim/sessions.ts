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
  /** The clock stands still but for the delays: the runner knows to the millisecond how old tickets are. */
  #now = Date.now();
  #taken: StoredSession | undefined;

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now;
  }

  /** Lets time pass. */
  delay(seconds: number): void {
    this.#now += seconds * 1000;
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
