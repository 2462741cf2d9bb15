/**
 * Checks of options that both doors of the library share: `createTls` on the page, and `connectTls`
 * in-thread.
 *
 * @module
 */

import { invalidOption, type TlsOptions, tlsOptionNames } from "./options.ts";

/** Longest time of a handshake unless the caller says otherwise, in milliseconds. */
export const defaultHandshakeTimeout = 15_000;

/** The options of TLS among those of a connection. */
export function tlsOptionsOf(options: TlsOptions): TlsOptions {
  const given = tlsOptionNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
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

/** Checks what aborts a connection. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw invalidOption("signal", "an AbortSignal");
  }
}
