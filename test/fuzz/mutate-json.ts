/**
 * Changes of JSON, by its values: it stays JSON.
 *
 * @module
 */

import type { Bytes } from "../../src/crypto/bytes.ts";
import { latin1 } from "../../src/x509/der.ts";
import { below, mutateBytes, pick, type Random } from "./mutate.ts";

/** Another value in the place of one. */
export function mutateJson(json: Bytes, random: Random): Bytes {
  let places = 0;
  const text = new TextDecoder().decode(json);
  JSON.parse(text, (_, value) => {
    places += 1;
    return value;
  });
  let left = below(random, places);
  const others: readonly [unknown, ...unknown[]] = [null, "", 0, 1e99, true, [], {}, "x", [[]]];
  const list: unknown = JSON.parse(text, (_, value) => {
    left -= 1;
    if (left !== -1) return value;
    if (typeof value !== "string" || random() < 0.5) return pick(random, others);
    return latin1(mutateBytes(new TextEncoder().encode(value), random));
  });
  return new TextEncoder().encode(JSON.stringify(list));
}
