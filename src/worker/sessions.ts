/**
 * Where the sessions of a worker's connections are kept: never on the page, unless its own store is
 * asked for.
 *
 * @module
 */

import { loaded } from "../crypto/loaded.ts";
import { MemorySessionStore } from "../tls/session/memory.ts";
import type { SessionStore } from "../tls/session/store.ts";
import type { SessionKeeping } from "./protocol.ts";

/** The stores of one worker. */
export class WorkerSessions {
  readonly #memory = new MemorySessionStore();
  #persistent: Promise<SessionStore> | undefined;

  /** The store of a name, loaded when it is first used. */
  named(keeping: SessionKeeping): SessionStore | undefined {
    switch (keeping) {
      case "memory":
        return this.#memory;
      case "persistent":
        return {
          put: async (partition, session) => (await this.#load()).put(partition, session),
          take: async (partition) => (await this.#load()).take(partition),
        };
      case "disabled":
        return undefined;
    }
  }

  #load(): Promise<SessionStore> {
    this.#persistent ??= loaded(import("./session-database.ts")).then(
      ({ SessionDatabase }) => new SessionDatabase(),
    );
    return this.#persistent;
  }
}
