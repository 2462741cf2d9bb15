/**
 * Checks of options that both doors of the library share: `createTls` on the page, and `connectTls`
 * in-thread.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import {
  type CertificateSource,
  type TlsOptions,
  type TrustOptions,
  tlsOptionNames,
} from "./options.ts";
import type { SessionStore } from "./session/store.ts";

/** Longest time of a handshake unless the caller says otherwise, in milliseconds. */
export const defaultHandshakeTimeout = 15_000;

/**
 * The options of TLS among those of a connection, checked before. Lists are copied: the caller may
 * change its own later, and a reactive one (a `Proxy`) would not survive structured clone.
 */
export function tlsOptionsOf(options: TlsOptions): TlsOptions {
  const given = tlsOptionNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, copyOf(options[name])]));
}

/** Whom to trust, checked before. Lists and certificates are copied, for the same reasons. */
export function trustOptionsOf({ roots }: TrustOptions): TrustOptions {
  if (roots === undefined) return {};
  const sources = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : [...roots];
  return { roots: sources.map(copyOfSource) };
}

function copyOf<Value>(value: Value): Value | unknown[] {
  return Array.isArray(value) ? [...value] : value;
}

function copyOfSource(source: CertificateSource): CertificateSource {
  if (typeof source === "string") return source;
  // A proxy of one looks like a Uint8Array, and has no bytes to show.
  if (!ArrayBuffer.isView(source)) throw invalidOption("roots", "certificates, not their proxies");
  return new Uint8Array(source);
}

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
  checkObject("sessions", store);
  if (typeof store.put !== "function" || typeof store.take !== "function") {
    throw invalidOption("sessions", "a store with the methods put and take");
  }
}

/** Checks what aborts a connection. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw invalidOption("signal", "an AbortSignal");
  }
}
