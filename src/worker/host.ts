/**
 * The worker's half of the library, as a plain class: it takes the page's messages and hosts any
 * number of connections. In a worker it is given the worker's own messages (`entry.ts`).
 *
 * @module
 */

import { openByteStream } from "../bridge/open.ts";
import { kept } from "../crypto/kept.ts";
import { platformSchedule } from "../stream/schedule.ts";
import { GroupMemory } from "../tls/group-memory.ts";
import { readTrust } from "../tls/trust.ts";
import { type ConnectionSetup, type HostEnvironment, HostedConnection } from "./connection.ts";
import type { HostMessage } from "./protocol.ts";
import { WorkerSessions } from "./sessions.ts";

/** Hosts the connections of one page. */
export class Host {
  readonly #environment: HostEnvironment;
  #setup: ConnectionSetup | undefined;

  /** @param environment what tests put in the place of the platform's. */
  constructor(environment: Partial<HostEnvironment> = {}) {
    this.#environment = {
      open: openByteStream,
      schedule: platformSchedule,
      groupMemory: new GroupMemory(),
      sessions: new WorkerSessions(),
      ...environment,
    };
  }

  /** Takes a message of the worker's channel. */
  receive(message: HostMessage): void {
    if (message.type === "setup") {
      const { trust, ...setup } = message.setup;
      this.#setup = { ...setup, trust: kept(() => readTrust(trust)) };
      return;
    }
    if (this.#setup === undefined) throw new Error("The page connects before it has set up.");
    // It lives as long as its port and its bridge refer to it.
    new HostedConnection(message.port, message.request, this.#setup, this.#environment);
  }
}
