/**
 * The key shares of a first ClientHello, made before it is their turn: while the way to the server is
 * being opened.
 *
 * @module
 */

import type { ClientConfig } from "../config.ts";
import type { NamedGroup } from "../named-group.ts";
import { KeyShares } from "./key-share.ts";

/** What decides on them. */
type Wanted = Pick<ClientConfig, "crypto" | "groups" | "keyShares" | "groupMemory" | "serverName">;

/** Makes key shares ahead, and gives each out once: the keys of two handshakes are never the same. */
export class FirstShares {
  readonly #wanted: Wanted;
  #made: Promise<KeyShares> | undefined;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** Makes them now. */
  prepare(): void {
    this.#made ??= this.#make();
    // Who takes them is told.
    this.#made.catch(() => {});
  }

  /** Those that were made, or others, made now. */
  take(): Promise<KeyShares> {
    const made = this.#made ?? this.#make();
    this.#made = undefined;
    return made;
  }

  /** For the groups that the caller names, else as {@link firstGroups} has it. */
  #make(): Promise<KeyShares> {
    const { crypto, keyShares } = this.#wanted;
    return KeyShares.generate(crypto, keyShares ?? firstGroups(this.#wanted));
  }
}

/**
 * The group the server chose last time, or the most wanted one. Where nothing is known of the server,
 * or it has ML-KEM, also the most wanted of the other kind, with ML-KEM or without: most servers have
 * one of the two, and X25519 takes the key that it has in the hybrid.
 */
function firstGroups({ groups, groupMemory, serverName }: Wanted): NamedGroup[] {
  const last = groups.find(({ name }) => name === groupMemory.get(serverName));
  if (last !== undefined && last.kem === undefined) return [last];
  const first = last ?? groups[0];
  const hasKem = first.kem !== undefined;
  const other = groups.find(({ kem }) => (kem !== undefined) !== hasKem);
  return other === undefined ? [first] : [first, other];
}
