import { describe, expect, it } from "vitest";
import { commonName, element, oid, sequence, text } from "../../test/der-writer.ts";
import { describeName } from "./describe-name.ts";
import { printable } from "./printable.ts";

const attribute = (id: string, value: Uint8Array) => element(0x31, sequence(oid(id), value));

describe("a name for people", () => {
  it.each([
    ["the common name alone", commonName("a.example"), '"CN=a.example"'],
    [
      "the common name among others",
      sequence(attribute("2.5.4.6", text(0x13, "DE")), attribute("2.5.4.3", text(0x13, "a"))),
      '"CN=a"',
    ],
    [
      "what there is without one",
      sequence(attribute("2.5.4.10", text(0x13, "Org")), attribute("2.5.4.6", text(0x13, "DE"))),
      '"O=Org, C=DE"',
    ],
    ["UTF-8", sequence(attribute("2.5.4.3", text(0x0c, "\xc3\xa9"))), '"CN=é"'],
    ["UTF-16", sequence(attribute("2.5.4.3", text(0x1e, "\0a\0b"))), '"CN=ab"'],
    ["Latin-1", sequence(attribute("2.5.4.3", text(0x14, "\xe9"))), '"CN=é"'],
    ["control characters", commonName("a\x1b[2J\r\n"), '"CN=a?[2J??"'],
    ["nothing", sequence(), "(an empty name)"],
    [
      "only attributes that are not shown",
      sequence(attribute("1.2.3", text(0x13, "x"))),
      "(an empty name)",
    ],
    ["no name at all", text(0x13, "x"), "(an unreadable name)"],
    ["a name cut off", commonName("a.example").subarray(0, -1), "(an unreadable name)"],
  ])("is made of %s", (_, name, described) => {
    expect(describeName(name)).toBe(described);
  });

  it("is bounded", () => {
    expect(printable("x".repeat(1000))).toBe(`${"x".repeat(80)}…`);
    const many = Array.from({ length: 1000 }, () => attribute("2.5.4.3", text(0x13, "a")));
    expect(describeName(sequence(...many))).toBe(`"${"CN=a, ".repeat(8)}…"`);
  });
});
