/**
 * Text in distinguished names: what kinds of string there are, and their preparation for comparison
 * (RFC 5280 §7.1, RFC 4518).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { latin1 } from "./der.ts";
import type { Attribute } from "./distinguished-name.ts";

/** Identifier octets of the kinds of string (X.680 §41). */
const kind = {
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  visible: 0x1a,
  universal: 0x1c,
  bmp: 0x1e,
} as const;

/**
 * Longest value that is prepared, in bytes: RFC 5280 Appendix A allows most attributes 64 characters.
 * Bringing marks into canonical order takes time that grows with the square of their number.
 */
const maxLength = 1024;

/**
 * An attribute's value as text to compare: two that are equal mean the same, however they are
 * written and encoded.
 *
 * @returns undefined where it can't be said what is meant: no text, text that is broken or of a
 * kind whose characters were never agreed upon (RFC 5280 §8), or too long.
 */
export function comparableText(attribute: Attribute): string | undefined {
  if (attribute.value.length > maxLength) return undefined;
  const text = textOf(attribute);
  return text === undefined ? undefined : prepare(text);
}

/** The text of an e-mail address (PKCS #9, RFC 2985 §5.2.1): an IA5String, or what issuers take for it. */
export function asciiText({ form, value }: Attribute): string | undefined {
  const isText = form === kind.ia5 || form === kind.utf8 || form === kind.printable;
  return isText ? ascii(value) : undefined;
}

function textOf({ form, value }: Attribute): string | undefined {
  switch (form) {
    case kind.utf8:
      return decode("utf-8", value);
    case kind.bmp:
      return value.length % 2 === 0 ? decode("utf-16be", value) : undefined;
    case kind.universal:
      return utf32(value);
    case kind.printable:
    case kind.ia5:
    case kind.visible:
    case kind.numeric:
    case kind.teletex:
      // Of T.61 only ASCII has a meaning that all agree on.
      return ascii(value);
    default:
      return undefined;
  }
}

/** RFC 4518 §2, step by step; of the characters prohibited those that can't be compared. */
function prepare(text: string): string | undefined {
  const mapped = /^[ -~]*$/.test(text) ? text.toLowerCase() : foldCase(mapSpaceAndNothing(text));
  if (/[\p{Cn}\p{Co}\p{Cs}\ufffd]/u.test(mapped)) return undefined;
  return mapped.replace(/ +/g, " ").replace(/^ | $/g, "");
}

/** RFC 4518 §2.2: white space becomes a space, what can't be seen becomes nothing. */
function mapSpaceAndNothing(text: string): string {
  return text
    .replace(/[\t-\r\x85\p{Z}]/gu, " ")
    .replace(/[\p{Cc}\p{Cf}\u1806\ufffc]|\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]/gu, "");
}

/** RFC 4518 §2.2 and §2.3: without case, and in the normal form KC. */
function foldCase(text: string): string {
  // By way of upper case, since lower case has more letters that fold into one (ß and ss).
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

function ascii(value: Bytes): string | undefined {
  return value.every((byte) => byte < 0x80) ? latin1(value) : undefined;
}

function decode(encoding: "utf-8" | "utf-16be", value: Bytes): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/** UniversalString: four bytes a character. */
function utf32(value: Bytes): string | undefined {
  if (value.length % 4 !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  let text = "";
  for (let at = 0; at < value.length; at += 4) {
    const character = view.getUint32(at);
    if (character > 0x10ffff) return undefined;
    text += String.fromCodePoint(character);
  }
  return text;
}
