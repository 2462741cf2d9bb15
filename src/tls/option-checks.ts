/**
 * The check that options of several topics share.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";

/** Checks a list of names: each a known one, and none twice. Undefined passes. */
export function checkNames(
  option: string,
  value: readonly string[] | undefined,
  known: readonly string[],
  { mayBeEmpty = false } = {},
): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) throw invalidOption(option, "a list of names");
  if (value.length === 0 && !mayBeEmpty) throw invalidOption(option, "a list with an entry");
  for (const name of value) {
    if (!known.includes(name)) throw invalidOption(option, `names among ${known.join(", ")}`);
  }
  if (new Set(value).size !== value.length) throw invalidOption(option, "each name once");
}
