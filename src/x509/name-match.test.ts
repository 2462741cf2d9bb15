import { describe, expect, it } from "vitest";
import { element, oid, sequence, text } from "../../test/der-writer.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { comparableRdns, matchRdns, nameKey } from "./name-match.ts";

const organization = "2.5.4.10";
const commonName = "2.5.4.3";

const utf8 = (value: string) => element(0x0c, new TextEncoder().encode(value));
const printableString = (value: string) => text(0x13, value);
const teletex = (value: string) => text(0x14, value);
const ia5 = (value: string) => text(0x16, value);
const bmp = (value: string) =>
  element(0x1e, new Uint8Array(Buffer.from(value, "utf16le").swap16()));
const universal = (...characters: number[]) =>
  element(
    0x1c,
    Uint8Array.from(characters.flatMap((c) => [0, c >> 16, (c >> 8) & 0xff, c & 0xff])),
  );

const attribute = (type: string, value: Bytes) => sequence(oid(type), value);
const rdn = (...attributes: Bytes[]) => element(0x31, ...attributes);
/** A name of one organization. */
const named = (value: Bytes) => sequence(rdn(attribute(organization, value)));

describe("names that are the same", () => {
  it.each<[string, Bytes, Bytes]>([
    ["byte for byte", named(utf8("A")), named(utf8("A"))],
    ["in another case", named(utf8("Good CA")), named(utf8("gOOD ca"))],
    ["in another kind of string", named(printableString("Good CA")), named(utf8("Good CA"))],
    ["with white space around", named(utf8("  Good CA ")), named(printableString("Good CA"))],
    ["with more white space inside", named(utf8("Good   CA")), named(utf8("Good CA"))],
    ["with other white space", named(utf8("Good\t\u2003\u00a0CA")), named(utf8("Good CA"))],
    ["with what can't be seen", named(utf8("Go\u00ad\u200bod")), named(utf8("Good"))],
    ["in another normal form", named(utf8("Cafe\u0301")), named(utf8("Caf\u00e9"))],
    ["of compatible characters", named(utf8("\uff27\uff2f\uff2f\uff24")), named(utf8("good"))],
    ["where one letter is two in upper case", named(utf8("Stra\u00dfe")), named(utf8("STRASSE"))],
    ["of Greek with a final sigma", named(utf8("\u039f\u03a3")), named(utf8("\u03bf\u03c2"))],
    ["in a BMPString", named(bmp("Caf\u00e9")), named(utf8("caf\u00e9"))],
    ["in a UniversalString", named(universal(0x41, 0x1f600)), named(utf8("a\u{1f600}"))],
    ["of ASCII in a TeletexString", named(teletex("Good")), named(utf8("good"))],
    [
      "of text that can't be compared, byte for byte",
      named(teletex("\xe9")),
      named(teletex("\xe9")),
    ],
    ["without attributes", sequence(), sequence()],
    [
      "of domain components (RFC 5280 §7.3)",
      sequence(rdn(attribute("0.9.2342.19200300.100.1.25", ia5("EXAMPLE")))),
      sequence(rdn(attribute("0.9.2342.19200300.100.1.25", ia5("example")))),
    ],
    [
      "with an RDN's attributes in another order",
      sequence(rdn(attribute(commonName, utf8("a")), attribute(organization, utf8("B")))),
      sequence(rdn(attribute(organization, utf8("b")), attribute(commonName, utf8("A")))),
    ],
  ])("%s", (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
    expect(nameKey(one)).toBe(nameKey(one));
  });
});

describe("names that differ", () => {
  it.each<[string, Bytes, Bytes]>([
    ["in a letter", named(utf8("Good")), named(utf8("Goof"))],
    ["in whether there is white space", named(utf8("GoodCA")), named(utf8("Good CA"))],
    ["in an accent", named(utf8("Cafe")), named(utf8("Caf\u00e9"))],
    [
      "in the type of an attribute",
      named(utf8("a")),
      sequence(rdn(attribute(commonName, utf8("a")))),
    ],
    [
      "in the order of RDNs",
      sequence(rdn(attribute(commonName, utf8("a"))), rdn(attribute(organization, utf8("a")))),
      sequence(rdn(attribute(organization, utf8("a"))), rdn(attribute(commonName, utf8("a")))),
    ],
    [
      "in how attributes are grouped",
      sequence(rdn(attribute(commonName, utf8("a"))), rdn(attribute(organization, utf8("b")))),
      sequence(rdn(attribute(commonName, utf8("a")), attribute(organization, utf8("b")))),
    ],
    [
      "in how often an attribute comes",
      sequence(rdn(...["a", "a", "b"].map((v) => attribute(commonName, utf8(v))))),
      sequence(rdn(...["a", "b", "b"].map((v) => attribute(commonName, utf8(v))))),
    ],
    ["in number of RDNs", named(utf8("a")), sequence()],
    [
      "as one's text looks like the other's form",
      named(utf8("#12 a")),
      named(element(12, text(32, "a"))),
    ],
    ["in the kind of broken strings", named(teletex("\xe9")), named(printableString("\xe9"))],
    ["as they can't be read", text(0x13, "x"), text(0x13, "X")],
  ])("%s", (_, one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });
});

describe("values that it is not clear how to read", () => {
  const good = named(utf8("Good"));
  it.each<[string, Bytes]>([
    ["UTF-8 that is broken", element(0x0c, Uint8Array.of(0x47, 0xff))],
    ["half a UTF-16 character", bmp("\ud83d")],
    ["an odd number of bytes in a BMPString", element(0x1e, Uint8Array.of(0, 0x47, 0))],
    ["half a UTF-32 character", element(0x1c, Uint8Array.of(0, 0, 0))],
    ["what is beyond Unicode", element(0x1c, Uint8Array.of(0, 0x11, 0, 0))],
    ["a surrogate in a UniversalString", element(0x1c, Uint8Array.of(0, 0, 0xd8, 0))],
    ["T.61 beyond ASCII", teletex("\xe9")],
    ["a PrintableString beyond ASCII", printableString("\xe9")],
    ["a character that is not assigned", utf8("\u0378")],
    ["one for private use", utf8("\ue000")],
    ["what stands for another character", utf8("\ufffd")],
    ["no string", element(0x02, Uint8Array.of(1))],
    ["a kind of string nobody knows", text(0x1b, "Good")],
    ["a long one", utf8("x".repeat(1025))],
  ])("are %s", (_, value) => {
    const [one] = comparableRdns(named(value));
    const [other] = comparableRdns(good);
    if (one === undefined || other === undefined) throw new Error("no RDN");
    expect(matchRdns(one, other)).toBe("unclear");
    expect(matchRdns(other, one)).toBe("unclear");
    expect(matchRdns(one, one)).toBe("same");
    const [elsewhere] = comparableRdns(sequence(rdn(attribute(commonName, value))));
    expect(elsewhere && matchRdns(elsewhere, other)).toBe("different");
  });
});
