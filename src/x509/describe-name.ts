/**
 * How errors speak of those whom certificates name. The worker's bundle has `worker/naming.ts` in its
 * place, and this where errors are written out.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { readableName } from "./distinguished-name.ts";

/**
 * A name for people, in a sentence: its common name, or where it has none, what else is telling.
 *
 * @param name DER. What can't be read is said to be unreadable, never an error.
 */
export function describeName(name: Bytes): string {
  const text = readableName(name, ({ type }) => type === "CN");
  return text.startsWith("(") ? text : `"${text}"`;
}
