/**
 * Reads members of the option `certificateTransparency`, which may come from JSON: each by where it
 * stands, so that errors say which is wrong.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import type { PublicKey } from "../crypto/provider.ts";
import { invalidOption, TlsError } from "../errors.ts";
import { isLogKey, type LogLimits } from "../x509/ct/log.ts";
import { bytesOfBlock, publicKeyFromPem } from "../x509/pem.ts";
import { parsePublicKey } from "../x509/public-key.ts";

export type Members = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, at: string, expected = "an object"): Members {
  if (typeof value !== "object" || value === null) throw invalidOption(at, expected);
  return value as Members;
}

export function listAt(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidOption(at, "a list with an entry");
  return value;
}

export function textAt(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "") throw invalidOption(at, "a text");
  return value;
}

/** A moment, in milliseconds since 1970: a Date, or text in ISO 8601. */
export function timeAt(value: unknown, at: string): number {
  // Date.parse alone would take nearly anything.
  const isIso = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value);
  const time = value instanceof Date ? value.getTime() : isIso ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw invalidOption(at, "a Date, or a point in time in ISO 8601");
  return time;
}

/** When the certificates end that a log takes. @param names of the interval's ends. */
export function intervalAt(
  value: unknown,
  at: string,
  [from, until]: readonly [string, string],
): LogLimits {
  if (value === undefined) return {};
  const members = objectAt(value, at);
  const expiryFrom = timeAt(members[from], `${at}.${from}`);
  const expiryUntil = timeAt(members[until], `${at}.${until}`);
  if (expiryFrom >= expiryUntil) throw invalidOption(at, "a start before the end");
  return { expiryFrom, expiryUntil };
}

export function base64At(value: unknown, at: string): Bytes {
  const fail = (found: string) => invalidOption(at, `base64, not ${found}`);
  return bytesOfBlock(textAt(value, at), "a value", fail);
}

/** A log's key: DER, its base64 or PEM. With the log's id, which is its SHA-256. */
export async function keyAt(
  value: unknown,
  at: string,
): Promise<{ publicKey: PublicKey; id: Bytes }> {
  const { publicKey, id } = await anyKeyAt(value, at);
  if (publicKey !== undefined) return { publicKey, id };
  throw invalidOption(
    at,
    "a key of P-256, P-384 or RSA that is not weak, which logs have (RFC 6962 §2.1.4)",
  );
}

/** As {@link keyAt}; without the key where it is one that logs don't have, as far as is known. */
export async function anyKeyAt(
  value: unknown,
  at: string,
): Promise<{ publicKey?: PublicKey; id: Bytes }> {
  const der = readable(() => keyBytes(value, at), at);
  const publicKey = readable(() => logKey(der), at);
  const id = await platformCrypto.digest("SHA-256", der);
  return publicKey === undefined ? { id } : { publicKey, id };
}

/** @throws TlsError `certificate/malformed`. */
function logKey(der: Bytes): PublicKey | undefined {
  try {
    const key = parsePublicKey(der);
    return isLogKey(key) ? key : undefined;
  } catch (error) {
    const isOfOtherKind =
      error instanceof TlsError &&
      (error.code === "certificate/unsupported-algorithm" || error.code === "certificate/weak-key");
    if (isOfOtherKind) return undefined;
    throw error;
  }
}

function keyBytes(value: unknown, at: string): Bytes {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  const text = textAt(value, at);
  return text.includes("-----BEGIN ") ? publicKeyFromPem(text) : base64At(text, at);
}

/** What is wrong with a key, told as of the option. */
function readable<T>(read: () => T, at: string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TlsError) || error.code === "configuration/invalid-option") throw error;
    throw invalidOption(at, "a SubjectPublicKeyInfo that can be read");
  }
}
