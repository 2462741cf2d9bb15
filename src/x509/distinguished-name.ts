/**
 * Distinguished names (RFC 5280 §4.1.2.4), read, and shown to people. How errors speak of them is in
 * `describe-name.ts`, how they are compared in `name-match.ts`.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { type DerReader, latin1, readDer, tag } from "./der.ts";
import { printable } from "./printable.ts";

/** Short names of the attributes that are shown (RFC 4514 §3, RFC 4519). */
const shown: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.6", "C"],
]);

/** Most attributes shown: a name may have a thousand. */
const maxShown = 8;

/** AttributeTypeAndValue, as it stands in a name. */
export interface Attribute {
  /** OID in dotted form. */
  readonly type: string;
  /** The value's identifier octet, which says what kind of string it is. */
  readonly form: number;
  readonly value: Bytes;
}

/**
 * Reads a Name: RDNSequence ::= SEQUENCE OF SET OF AttributeTypeAndValue.
 *
 * @returns for each RDN its attributes, of which there is one at least.
 * @throws TlsError `certificate/malformed`.
 */
export function readName(name: Bytes): Attribute[][] {
  return readDer(name, "a name", (reader) =>
    reader.inside(tag.sequence, (sequence) => {
      const rdns: Attribute[][] = [];
      while (sequence.next !== undefined) rdns.push(sequence.list(readAttribute, tag.set));
      return rdns;
    }),
  );
}

/**
 * A name for people, e.g. `CN=Staff CA, O=Example`. What can't be read is said to be unreadable.
 *
 * @param isTelling where some attributes are, the others are left out. Default: all are.
 */
export function readableName(
  name: Bytes,
  isTelling: (attribute: ShownAttribute) => boolean = () => true,
): string {
  try {
    const attributes = readName(name).flat().flatMap(shownAttribute);
    const telling = attributes.filter(isTelling);
    const chosen = telling.length > 0 ? telling : attributes;
    if (chosen.length === 0) return "(an empty name)";
    const texts = chosen.slice(0, maxShown).map(textOf);
    return [...texts, ...(chosen.length > maxShown ? ["…"] : [])].join(", ");
  } catch (error) {
    if (error instanceof TlsError) return "(an unreadable name)";
    throw error;
  }
}

/** An attribute with its short name for a type. */
type ShownAttribute = Attribute;

function shownAttribute(attribute: Attribute): ShownAttribute[] {
  const type = shown.get(attribute.type);
  return type === undefined ? [] : [{ ...attribute, type }];
}

function textOf({ type, form, value }: ShownAttribute): string {
  return `${type}=${printable(decode(form, value))}`;
}

function readAttribute(reader: DerReader): Attribute {
  return reader.inside(tag.sequence, (attribute) => {
    const type = attribute.oid();
    const form = attribute.next ?? 0;
    return { type, form, value: attribute.content(form) };
  });
}

/** Text of a DirectoryString (RFC 5280 §4.1.2.4). */
function decode(form: number, value: Bytes): string {
  switch (form) {
    case 0x0c:
      return new TextDecoder().decode(value);
    case 0x1e:
      return new TextDecoder("utf-16be").decode(value);
    default:
      return latin1(value);
  }
}
