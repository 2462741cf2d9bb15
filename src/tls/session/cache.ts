/**
 * The sessions that one connection may use.
 *
 * @module
 */

import { kept } from "../../crypto/kept.ts";
import { loaded } from "../../loaded.ts";
import type { ClientConfig } from "../config.ts";
import { maxSessionLength } from "../limits.ts";
import { partitionOf } from "./partition.ts";
import type { Session } from "./session.ts";
import type { SessionStore } from "./store.ts";

/** Loaded beside a handshake, which waits for it only where there is a session to read. */
const encoding = kept(() => loaded(import("./encoding.ts")));

/** One partition of the caller's store. Whatever goes wrong with that, there is just no session. */
export class SessionCache {
  readonly #store: SessionStore;
  readonly #now: () => Date;
  readonly #partition: Promise<string>;
  #lastPut: Promise<void> = Promise.resolve();

  constructor(store: SessionStore, config: ClientConfig) {
    this.#store = store;
    this.#now = config.now;
    this.#partition = partitionOf(config);
    encoding().catch(() => {});
  }

  /** The newest session, which nobody else gets; undefined where there is none. */
  async take(): Promise<Session | undefined> {
    const partition = await this.#partition;
    try {
      const stored = await this.#store.take(partition);
      if (stored === undefined) return undefined;
      const { decodeSession } = await encoding();
      const session = decodeSession(stored);
      return session !== undefined && this.#isGood(session) ? session : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a session behind those put before, unless it has expired already or is too long. */
  put(session: Session): Promise<void> {
    this.#lastPut = this.#lastPut.then(() => this.#put(session));
    return this.#lastPut;
  }

  async #put(session: Session): Promise<void> {
    if (!this.#isGood(session)) return;
    try {
      const { encodeSession } = await encoding();
      const stored = encodeSession(session);
      if (stored.bytes.length > maxSessionLength) return;
      await this.#store.put(await this.#partition, stored);
    } catch {
      // The connection is none the worse for it.
    }
  }

  #isGood({ expires }: Session): boolean {
    return expires > this.#now().getTime();
  }
}
