/**
 * Checks of options that both doors of the library share: `createTls` on the page, and `connectTls`
 * in-thread.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import { type TlsOptions, tlsOptionNames } from "./options.ts";

/** Longest time of a handshake unless the caller says otherwise, in milliseconds. */
export const defaultHandshakeTimeout = 15_000;

/** The options of TLS among those of a connection. */
export function tlsOptionsOf(options: TlsOptions): TlsOptions {
  const given = tlsOptionNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/**
 * Checks options of a kind, each by its name.
 *
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function checkOptionNames(options: object, known: readonly string[], where: string): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw invalidOption(name, `an option that ${where} knows (${known.join(", ")})`);
    }
  }
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

/** The failure of an option that is not what it should be. */
export function invalidOption(option: string, expected: string): TlsError {
  return new TlsError(
    "configuration/invalid-option",
    `Option "${option}" is not valid: expected ${expected}.`,
    { phase: "configuration" },
  );
}
