/**
 * subtls: TLS 1.3 with AES-128-GCM by SubtleCrypto, in the page's thread.
 *
 * @module
 */

import type { Contestant } from "./contestant.ts";
import { rawWebSocket } from "./raw.ts";

export const subtls: Contestant = {
  name: "subtls",
  verifies: true,
  async open(target) {
    const { LazyReadFunctionReadQueue, startTls } = await import("peer:subtls");
    const bridge = await rawWebSocket.open(target);
    const queue = new LazyReadFunctionReadQueue(() => bridge.read());
    // What it writes, it does not wait for.
    let sent = Promise.resolve();
    const connection = await startTls(
      target.host,
      target.roots,
      (...request) => queue.read(...request),
      (bytes) => {
        sent = bridge.write(bytes);
      },
      // By default it asks for an authority that may sign more than certificates.
      { requireDigitalSigKeyUsage: false },
    );
    return {
      read: () => connection.read(),
      async write(bytes) {
        await connection.write(bytes);
        await sent;
      },
      close: () => bridge.close(),
    };
  },
};
