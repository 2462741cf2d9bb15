/**
 * GeneralName (RFC 5280 §4.2.1.6): the forms of name that a certificate or a constraint can hold.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { constructed, type DerReader, primitive, tag } from "./der.ts";

/** Forms that are told apart, but not looked into. */
export type OpaqueForm = "other" | "x400" | "ediParty" | "registeredId";

/** One name. */
export type GeneralName =
  /** ASCII; not checked further, as a constraint is no host name. */
  | { readonly form: "dns" | "email" | "uri"; readonly text: string }
  /** As it stands: 4 or 16 bytes for an address, 8 or 32 for an address and a mask. */
  | { readonly form: "ip"; readonly bytes: Bytes }
  /** DER of a Name. */
  | { readonly form: "directory"; readonly name: Bytes }
  /** `content` is what the element holds, in DER. */
  | { readonly form: OpaqueForm; readonly content: Bytes };

/** Whether a name is of a form that is not looked into. */
export function isOpaque(
  name: GeneralName,
): name is Extract<GeneralName, { readonly content: Bytes }> {
  return "content" in name;
}

/** Reads a GeneralName, whose tags are IMPLICIT but for the directory name's. */
export function readGeneralName(reader: DerReader): GeneralName {
  const { next } = reader;
  switch (next) {
    case constructed(0):
      return { form: "other", content: reader.content(next) };
    case primitive(1):
      return { form: "email", text: reader.ascii(next) };
    case primitive(2):
      return { form: "dns", text: reader.ascii(next) };
    case constructed(3):
      return { form: "x400", content: reader.content(next) };
    case constructed(4):
      return reader.inside(next, (inner) => ({
        form: "directory",
        name: inner.whole(tag.sequence),
      }));
    case constructed(5):
      return { form: "ediParty", content: reader.content(next) };
    case primitive(6):
      return { form: "uri", text: reader.ascii(next) };
    case primitive(7):
      return { form: "ip", bytes: reader.content(next) };
    case primitive(8):
      return { form: "registeredId", content: reader.content(next) };
    default:
      throw reader.malformed("a name has a form that does not exist");
  }
}
