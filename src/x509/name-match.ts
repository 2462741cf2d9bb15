/**
 * Whether distinguished names are the same, however they are written (RFC 5280 §7.1).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { latin1 } from "./der.ts";
import { comparableText } from "./directory-string.ts";
import { type Attribute, readName } from "./distinguished-name.ts";

/** A relative distinguished name, ready to be compared. */
export interface ComparableRdn {
  /** Equal for RDNs that match. */
  readonly key: string;
  /** Of what types its attributes are. */
  readonly types: string;
  /** Whether it is clear what every value means. */
  readonly isClear: boolean;
}

/** What can be said of two RDNs; `"unclear"` where a value of them is no text that has a meaning. */
export type RdnMatch = "same" | "different" | "unclear";

/** Compares two RDNs: with the same attributes in any order they are the same. */
export function matchRdns(one: ComparableRdn, other: ComparableRdn): RdnMatch {
  if (one.key === other.key) return "same";
  const isClear = one.isClear && other.isClear;
  return isClear || one.types !== other.types ? "different" : "unclear";
}

/**
 * Equal for names that are the same. Values of which it is not clear what they mean, and names that
 * can't be read, are the same only byte for byte.
 *
 * @param name DER. The key is kept as long as this very object, so it is not to be changed.
 */
export function nameKey(name: Bytes): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = readableKey(name) ?? latin1(name);
  keys.set(name, key);
  return key;
}

/**
 * The RDNs of a name, in the name's order. Kept as {@link nameKey} is.
 *
 * @throws TlsError `certificate/malformed`.
 */
export function comparableRdns(name: Bytes): readonly ComparableRdn[] {
  const known = comparable.get(name);
  if (known !== undefined) return known;
  const rdns = readName(name).map(comparableRdn);
  comparable.set(name, rdns);
  return rdns;
}

const keys = new WeakMap<Bytes, string>();
const comparable = new WeakMap<Bytes, readonly ComparableRdn[]>();

function readableKey(name: Bytes): string | undefined {
  try {
    return JSON.stringify(comparableRdns(name).map(({ key }) => key));
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

function comparableRdn(attributes: readonly Attribute[]): ComparableRdn {
  const values = attributes.map(comparableValue);
  return {
    // A SET has no order: that of its encodings is another one where values are written otherwise.
    key: JSON.stringify(values.map(({ key }) => key).sort()),
    types: JSON.stringify(values.map(({ type }) => type).sort()),
    isClear: values.every(({ isClear }) => isClear),
  };
}

function comparableValue(attribute: Attribute) {
  const { type, form, value } = attribute;
  const text = comparableText(attribute);
  return text === undefined
    ? { type, key: `${type}#${form} ${latin1(value)}`, isClear: false }
    : { type, key: `${type}=${text}`, isClear: true };
}
