/**
 * Options of TLS on their way to the worker, which knows and checks them.
 *
 * @module
 */

import { invalidOption, type TlsError } from "../errors.ts";
import type { UncheckedOptions } from "../worker/protocol.ts";

/**
 * Options as they are passed on: those that are given. Lists are copied: the caller may change its own
 * later, and a reactive one (a `Proxy`) would not survive structured clone.
 */
export function passedOn(options: object): UncheckedOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, copyOf(value)]));
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? [...value] : value;
}

/** The error for options that don't survive structured clone. It names the first of them. */
export function notCloned(options: UncheckedOptions): TlsError {
  const [name = "options"] = Object.entries(options).find(([, value]) => !isCloned(value)) ?? [];
  return invalidOption(name, "a plain value: the worker can't be given this one");
}

function isCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
