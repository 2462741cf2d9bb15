/**
 * Options as the page has passed them on, read where TLS is spoken.
 *
 * @module
 */

import type { Address } from "../bridge/descriptor.ts";
import { concat } from "../crypto/bytes.ts";
import { randomBytes } from "../crypto/random.ts";
import { checkOneOf, invalidOption } from "../errors.ts";
import { loaded } from "../loaded.ts";
import {
  checkBoolean,
  checkMilliseconds,
  checkSessionStore,
  defaultHandshakeTimeout,
} from "../tls/caller-options.ts";
import {
  type ConnectionOptions,
  checkConnectionOptions,
  hasRareOptions,
} from "../tls/connection-options.ts";
import { setMark } from "../tls/session/mark.ts";
import { parseAddress } from "./address.ts";
import {
  type ConnectRequest,
  type FunctionReference,
  functionKey,
  type Hosting,
  type SecureTransport,
  type SessionKeeping,
  type UncheckedOptions,
} from "./protocol.ts";

/** Calls what a reference stands for. */
export type CallPage = (reference: string, args: readonly unknown[]) => Promise<unknown>;

/** References mean nothing beyond the page that this worker belongs to. */
const pageMark = randomBytes(16);

/**
 * Reads the options of TLS.
 *
 * @param call by which functions of the caller's are called.
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export async function readOptions(
  unchecked: UncheckedOptions,
  call: CallPage,
): Promise<ConnectionOptions> {
  const options = revived(unchecked, call) as ConnectionOptions;
  checkConnectionOptions(options);
  if (hasRareOptions(options)) {
    const { checkRareOptions } = await loaded(import("../tls/rare-options.ts"));
    checkRareOptions(options);
  }
  return options;
}

/** What holds unless the caller says otherwise. */
export const usualHosting: Hosting = {
  secureTransport: "on",
  allowHalfOpen: false,
  sessions: "memory",
  connectTimeout: 10_000,
  handshakeTimeout: defaultHandshakeTimeout,
};

const secureTransports = ["on", "off", "starttls"] as const satisfies SecureTransport[];
const keepings = ["memory", "persistent", "disabled"] as const satisfies SessionKeeping[];

/** What a connection was asked for with. */
export interface Asked {
  readonly address: Address;
  readonly hosting: Hosting;
  /** Options of TLS, to be read by {@link readOptions}. */
  readonly tls: UncheckedOptions;
}

/**
 * Reads what a connection was asked for with, but for what is of TLS.
 *
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function readRequest(request: ConnectRequest, call: CallPage): Asked {
  const { options, defaults } = request;
  if ("sessions" in options) throw invalidOption("sessions", "none here: it is for createTls()");
  const { secureTransport, allowHalfOpen, sessions, connectTimeout, handshakeTimeout, ...tls } = {
    ...usualHosting,
    ...defaults,
    ...options,
  };
  const keeping = revived(sessions, call) as Hosting["sessions"];
  checkOneOf("secureTransport", secureTransport, secureTransports);
  checkBoolean("allowHalfOpen", allowHalfOpen);
  checkMilliseconds("connectTimeout", connectTimeout);
  checkMilliseconds("handshakeTimeout", handshakeTimeout);
  if (typeof keeping === "string") checkOneOf("sessions", keeping, keepings);
  else checkSessionStore(keeping);
  const times = { connectTimeout, handshakeTimeout };
  return {
    address: parseAddress(request.address),
    hosting: { secureTransport, allowHalfOpen, sessions: keeping, ...times },
    tls,
  };
}

/** A value that has crossed, with functions in the place of references. */
export function revived(value: unknown, call: CallPage): unknown {
  if (Array.isArray(value)) return value.map((entry) => revived(entry, call));
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  if (isReference(value)) {
    const reference = value[functionKey];
    const standIn = async (...args: unknown[]) => revived(await call(reference, args), call);
    // The page has one reference for a function, whichever connection it is given to.
    setMark(standIn, concat(pageMark, new TextEncoder().encode(reference)));
    return standIn;
  }
  const members = Object.entries(value as object);
  return Object.fromEntries(members.map(([name, member]) => [name, revived(member, call)]));
}

function isReference(value: unknown): value is FunctionReference {
  return typeof value === "object" && value !== null && functionKey in value;
}
