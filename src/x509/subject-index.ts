/**
 * Issuers by their names. Nearly all certificates name their issuer byte for byte as it names
 * itself, so comparison by meaning (RFC 5280 §7.1) is loaded only where that leads nowhere.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import { loaded } from "../loaded.ts";
import { latin1 } from "./der.ts";

interface Named {
  /** DER of a Name. */
  readonly subject: Bytes;
}

/** Finds authorities and anchors by their subject. */
export class SubjectIndex<T extends Named> {
  readonly #items: readonly T[];
  readonly #bySubject: ReadonlyMap<string, readonly T[]>;
  #byMeaning: ReadonlyMap<string, readonly T[]> | undefined;

  constructor(items: readonly T[]) {
    this.#items = items;
    this.#bySubject = grouped(items, latin1);
  }

  /** Those whose name is this one byte for byte. @param name DER. */
  exactly(name: Bytes): readonly T[] {
    return this.#bySubject.get(latin1(name)) ?? [];
  }

  /** Those whose name is the same, written in another way. @param name DER. */
  async otherwise(name: Bytes): Promise<readonly T[]> {
    const { nameKey } = await nameMatch();
    this.#byMeaning ??= grouped(this.#items, nameKey);
    const same = this.#byMeaning.get(nameKey(name)) ?? [];
    return same.filter(({ subject }) => !equalPublic(subject, name));
  }
}

/** Whether two names, in DER, are the same (RFC 5280 §7.1). */
export async function isSameName(one: Bytes, other: Bytes): Promise<boolean> {
  if (equalPublic(one, other)) return true;
  const { nameKey } = await nameMatch();
  return nameKey(one) === nameKey(other);
}

const nameMatch = () => loaded(import("./name-match.ts"));

function grouped<T extends Named>(
  items: readonly T[],
  keyOf: (subject: Bytes) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item.subject);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
