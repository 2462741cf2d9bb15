/**
 * Which group a server chose last, so that the next first flight has the right key share and costs
 * no HelloRetryRequest.
 *
 * @module
 */

import type { ServerName } from "../x509/names.ts";
import type { GroupName } from "./options.ts";

/** Bound of the memory; the oldest entry goes first. */
const maxServers = 256;

export class GroupMemory {
  readonly #groups = new Map<string, GroupName>();

  get(server: ServerName): GroupName | undefined {
    return this.#groups.get(keyOf(server));
  }

  remember(server: ServerName, group: GroupName): void {
    const key = keyOf(server);
    this.#groups.delete(key);
    this.#groups.set(key, group);
    if (this.#groups.size <= maxServers) return;
    for (const oldest of this.#groups.keys()) {
      this.#groups.delete(oldest);
      return;
    }
  }
}

function keyOf(server: ServerName): string {
  return server.kind === "dns" ? server.name : server.text;
}
