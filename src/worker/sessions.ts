/**
 * Where the sessions of a worker's connections are kept: never on the page, unless its own store is
 * asked for.
 *
 * @module
 */

import { kept } from "../crypto/kept.ts";
import { loaded } from "../loaded.ts";
import { MemorySessionStore } from "../tls/session/memory.ts";
import type { SessionStore } from "../tls/session/store.ts";
import type { SessionKeeping } from "./protocol.ts";

/** The stores of one worker. */
export class WorkerSessions {
  readonly #memory = new MemorySessionStore();
  readonly #persistent: SessionStore = {
    put: async (partition, session) => (await this.#opened()).put(partition, session),
    take: async (partition) => (await this.#opened()).take(partition),
  };
  readonly #opened: () => Promise<SessionStore>;

  /** @param open opens what is behind `"persistent"`. */
  constructor(open: () => Promise<SessionStore> = openDatabase) {
    this.#opened = kept(open);
  }

  /** The store of a name, which is being opened by then: no handshake is to wait for that. */
  named(keeping: SessionKeeping): SessionStore | undefined {
    switch (keeping) {
      case "memory":
        return this.#memory;
      case "persistent":
        this.#opened().catch(() => {});
        return this.#persistent;
      case "disabled":
        return undefined;
    }
  }
}

async function openDatabase(): Promise<SessionStore> {
  const { SessionDatabase } = await loaded(import("./session-database.ts"));
  return new SessionDatabase();
}
