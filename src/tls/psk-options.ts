/**
 * Options of keys that both sides know before they connect, and of data sent ahead under one.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import { checkBoolean, checkObject } from "./caller-options.ts";
import { maxEarlyData } from "./limits.ts";

/** A key that both sides were given by other means (RFC 8446 §2.2, §4.2.11). TLS 1.3 only. */
export interface ExternalPsk {
  /** What the server knows it by: 1 to 65535 bytes, sent in the clear. */
  identity: Uint8Array;
  /**
   * At least 16 bytes that nobody can guess: a password is none, since whoever records a handshake
   * can try them all (RFC 9257 §4).
   */
  key: Uint8Array;
  /**
   * The hash it is for: without an importer, only suites with this hash go with it. Default:
   * `"SHA-256"`.
   */
  hash?: "SHA-256" | "SHA-384";
  /**
   * Derives a key for each hash of the suites offered (RFC 9258), which is how a key may safely be
   * used with more than one; the server has to do the same. Default: the key is used as it is.
   */
  importer?: {
    /** What both sides bind it to, e.g. their names; at most 65535 bytes. Default: empty. */
    context?: Uint8Array;
  };
}

/** Data for the first flight (RFC 8446 §2.3). */
export interface EarlyDataOption {
  /**
   * Sent before the server has said anything, where a session of TLS 1.3 allows so many bytes. Of
   * more than that nothing is sent early, unless the rest may follow (`otherwise: "send"`). At most a
   * mebibyte, since it goes out in one go.
   *
   * **Danger:** an attacker can have the server take it more than once, and a key of the server that
   * gets known later opens it (RFC 8446 §8, appendix E.5). Send only what may be done twice, such as
   * a GET request without consequences.
   */
  data: Uint8Array;
  /**
   * What becomes of what was not accepted, or did not fit: it is sent behind the handshake, ahead of
   * all that is written, or dropped. Default: `"drop"`.
   */
  otherwise?: "send" | "drop";
  /**
   * Which of the protocols offered (option `alpn`) the data is of: it is sent under no other, neither
   * early, where the session is of another, nor behind the handshake, where the server chooses another.
   * A server that chooses none is sent it only where one at most is offered. To be given where more
   * are. Default: the one offered.
   */
  alpn?: string;
}

/** Options of keys known before, and of what is sent under them. */
export interface PskOptions {
  /** Keys to offer beside certificates, most wanted first, behind that of a session. Default: none. */
  psk?: readonly ExternalPsk[];
  /** Accept no other server than one that has such a key, and so no TLS 1.2. Default: false. */
  pskOnly?: boolean;
  /** Data to send ahead (0-RTT). It can be replayed: see {@link EarlyDataOption}. Default: none. */
  earlyData?: EarlyDataOption;
}

/** Shortest key, in bytes (RFC 9257 §6.1 wants 128 bits of entropy). */
const minPsk = 16;

/** The protocols offered have been checked before. */
type CheckedWith = PskOptions & { readonly alpn?: readonly string[] };

/** @throws TlsError `configuration/invalid-option`, which names the option. */
export function checkPskOptions({ psk, pskOnly, earlyData, alpn = [] }: CheckedWith): void {
  checkBoolean("pskOnly", pskOnly);
  if (psk !== undefined && !Array.isArray(psk)) throw invalidOption("psk", "a list of keys");
  for (const key of psk ?? []) checkExternalPsk(key);
  if (pskOnly && (psk ?? []).length === 0) throw invalidOption("pskOnly", "keys in psk beside it");
  if (earlyData === undefined) return;
  checkObject("earlyData", earlyData);
  const { data } = earlyData;
  if (!(data instanceof Uint8Array && data.length <= maxEarlyData)) {
    throw invalidOption("earlyData", "bytes in data, a mebibyte at the most");
  }
  const { otherwise = "drop" } = earlyData;
  if (otherwise !== "send" && otherwise !== "drop") {
    throw invalidOption("earlyData", '"send" or "drop" in otherwise');
  }
  const { alpn: protocol } = earlyData;
  if (protocol === undefined ? alpn.length > 1 : !alpn.includes(protocol)) {
    throw invalidOption("earlyData", "in its alpn, which of the protocols offered the data is of");
  }
}

function checkExternalPsk(psk: ExternalPsk): void {
  checkObject("psk", psk);
  const { identity, key, hash = "SHA-256", importer } = psk;
  if (!isBytes(identity, 1)) throw invalidOption("psk", "an identity of 1 to 65535 bytes");
  if (!isBytes(key, minPsk)) throw invalidOption("psk", `a key of at least ${minPsk} bytes`);
  if (hash !== "SHA-256" && hash !== "SHA-384") {
    throw invalidOption("psk", "SHA-256 or SHA-384 as hash");
  }
  if (importer === undefined) return;
  checkObject("psk", importer);
  if (importer.context !== undefined && !isBytes(importer.context, 0)) {
    throw invalidOption("psk", "a context of at most 65535 bytes in importer");
  }
  // Both stand in one identity, each behind its length (RFC 9258 §5.1).
  if (identity.length + (importer.context?.length ?? 0) > maxIdentity - 8) {
    throw invalidOption("psk", "an identity and a context of at most 65527 bytes together");
  }
}

const maxIdentity = 2 ** 16 - 1;

function isBytes(value: unknown, min: number): boolean {
  return value instanceof Uint8Array && value.length >= min && value.length <= maxIdentity;
}
