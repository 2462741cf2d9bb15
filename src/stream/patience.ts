/**
 * Patience with a store of sessions, which may be the caller's and never answer.
 *
 * @module
 */

import type { SessionStore } from "../tls/session/store.ts";
import type { Schedule } from "./schedule.ts";

/** Longest wait for a session, in milliseconds: resuming saves some hundred of them at most. */
export const storePatience = 2_000;

/** Stores that did not answer in time. They are asked again when they have. */
const stalled = new WeakSet<SessionStore>();

/** The store, which is as good as empty where it takes too long. */
export function patiently(store: SessionStore, schedule: Schedule): SessionStore {
  return {
    put: (partition, session) => store.put(partition, session),
    async take(partition) {
      if (stalled.has(store)) return undefined;
      const taking = store.take(partition);
      return new Promise((resolve, reject) => {
        const cancel = schedule(() => {
          stalled.add(store);
          resolve(undefined);
        }, storePatience);
        const settled = () => {
          stalled.delete(store);
          cancel();
        };
        Promise.resolve(taking).then(resolve, reject).finally(settled);
      });
    },
  };
}
