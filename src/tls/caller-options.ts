/**
 * Checks of options that both doors of the library share: `createTls` on the page, and `connectTls`
 * in-thread.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import type { SessionStore } from "./session/store.ts";

/** Longest time of a handshake unless the caller says otherwise, in milliseconds. */
export const defaultHandshakeTimeout = 15_000;

/** Checks that options are an object at all: JavaScript may give anything. */
export function checkObject(option: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw invalidOption(option, "an object");
}

/** Checks a time limit. Timers take no more than 2^31 - 1, and nothing may wait for ever. */
export function checkMilliseconds(option: string, value: number | undefined): void {
  const valid = value === undefined || (typeof value === "number" && value > 0 && value < 2 ** 31);
  if (!valid) throw invalidOption(option, "a number of milliseconds, above 0 and below 2^31");
}

/** Checks a yes or no. */
export function checkBoolean(option: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== "boolean") {
    throw invalidOption(option, "true or false");
  }
}

/** Checks a callback. */
export function checkFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw invalidOption(option, "a function");
  }
}

/** Checks what keeps sessions. */
export function checkSessionStore(store: SessionStore): void {
  if (typeof store?.put !== "function" || typeof store.take !== "function") {
    throw invalidOption("sessions", "a store with the methods put and take");
  }
}

/** Checks what aborts a connection. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw invalidOption("signal", "an AbortSignal");
  }
}
