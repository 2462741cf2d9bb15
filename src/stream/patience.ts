/**
 * Patience with a store of sessions, which may be the caller's and never answer.
 *
 * @module
 */

import type { SessionStore } from "../tls/session/store.ts";
import type { Schedule } from "./schedule.ts";

/** Longest wait for a session, in milliseconds: resuming saves some hundred of them at most. */
export const storePatience = 2_000;

/** The store, which is as good as empty where it takes too long. */
export function patiently(store: SessionStore, schedule: Schedule): SessionStore {
  return {
    put: (partition, session) => store.put(partition, session),
    async take(partition) {
      const taking = store.take(partition);
      return new Promise((resolve, reject) => {
        const cancel = schedule(() => resolve(undefined), storePatience);
        Promise.resolve(taking).then(resolve, reject).finally(cancel);
      });
    },
  };
}
