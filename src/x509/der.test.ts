import { describe, expect, it } from "vitest";
import {
  bitString,
  boolean,
  element,
  generalizedTime,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  text,
  utcTime,
} from "../../test/der-writer.ts";
import { TlsError } from "../errors.ts";
import { type DerReader, latin1, readDer, tag } from "./der.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

function expectMalformed(der: Uint8Array<ArrayBuffer>, read: (reader: DerReader) => unknown) {
  let error: unknown;
  try {
    readDer(der, "a test", read);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(TlsError);
  expect(error).toMatchObject({ code: "certificate/malformed" });
}

describe("lengths", () => {
  const read = (reader: DerReader) => reader.content(tag.octetString);

  it.each([0, 1, 0x7f, 0x80, 0xff, 0x100, 0xfff0])("reads %i bytes", (length) => {
    expect(readDer(octets(new Uint8Array(length)), "a test", read)).toHaveLength(length);
  });

  it.each([
    ["indefinite", bytes(0x04, 0x80, 0x01, 0x00, 0x00)],
    ["long form below 128", bytes(0x04, 0x81, 0x01, 0x00)],
    ["leading zero", bytes(0x04, 0x82, 0x00, 0x01, 0x00)],
    ["three octets", bytes(0x04, 0x83, 0x00, 0x00, 0x01, 0x00)],
    ["reserved", bytes(0x04, 0xff)],
    ["absent", bytes(0x04)],
    ["cut off", bytes(0x04, 0x82, 0x01)],
    ["beyond the end", bytes(0x04, 0x02, 0x00)],
  ])("refuses one that is %s", (_, der) => expectMalformed(der, read));

  it("refuses more than 64 KiB in all, where no other bound is given", () => {
    const long = octets(new Uint8Array(0xffff));
    expectMalformed(long, read);
    expect(readDer(long, "a test", read, long.length)).toHaveLength(0xffff);
  });

  it.each([0x10000, 0x123456])("reads %i bytes where that is allowed", (length) => {
    const der = octets(new Uint8Array(length).fill(7));
    const content = readDer(der, "a test", read, 0xffffff);
    expect(content).toHaveLength(length);
    expect([content[0], content.at(-1)]).toEqual([7, 7]);
  });

  it("refuses four octets", () => {
    expectMalformed(bytes(0x04, 0x84, 0x01, 0x00, 0x00, 0x00), read);
  });
});

describe("structure", () => {
  it("refuses bytes after the end, at any level", () => {
    expectMalformed(bytes(0x05, 0x00, 0x00), (reader) => reader.null());
    expectMalformed(sequence(nothing(), nothing()), (reader) =>
      reader.inside(tag.sequence, (inner) => inner.null()),
    );
  });

  it("refuses another tag, and the end", () => {
    expectMalformed(nothing(), (reader) => reader.content(tag.integer));
    expectMalformed(sequence(), (reader) => reader.inside(tag.sequence, (inner) => inner.null()));
    expectMalformed(sequence(), (reader) => reader.inside(tag.sequence, (inner) => inner.any()));
  });

  it("refuses tag numbers of more than one octet", () => {
    expectMalformed(bytes(0x1f, 0x01, 0x00), (reader) => reader.any());
  });

  it("does not let an inner element reach beyond what holds it", () => {
    expectMalformed(bytes(0x30, 0x02, 0x04, 0x01, 0xff), (reader) => reader.any());
    expectMalformed(bytes(0x30, 0x02, 0x04, 0x01), (reader) =>
      reader.inside(tag.sequence, (inner) => inner.content(tag.octetString)),
    );
  });

  it("reads what is optional only where it is there", () => {
    const read = (reader: DerReader) => reader.optional(0xa0, (inner) => inner.smallUnsigned());
    expect(readDer(element(0xa0, integer(7)), "a test", read)).toBe(7);
    expect(readDer(new Uint8Array(), "a test", read)).toBeUndefined();
  });

  it("refuses an empty list", () => {
    const read = (reader: DerReader) => reader.list((inner) => inner.boolean());
    expect(readDer(sequence(boolean(true), boolean(false)), "a test", read)).toEqual([true, false]);
    expectMalformed(sequence(), read);
  });

  it("refers into what it reads", () => {
    const der = octets(bytes(1, 2));
    const content = readDer(der, "a test", (reader) => reader.content(tag.octetString));
    expect(content.buffer).toBe(der.buffer);
  });
});

describe("BOOLEAN", () => {
  it.each([
    ["01", bytes(0x01, 0x01, 0x01)],
    ["empty", bytes(0x01, 0x00)],
    ["two octets", bytes(0x01, 0x02, 0xff, 0xff)],
  ])("refuses %s", (_, der) => expectMalformed(der, (reader) => reader.boolean()));
});

describe("INTEGER", () => {
  it("reads numbers", () => {
    const read = (reader: DerReader) => reader.unsigned();
    expect(readDer(integer(0), "a test", read)).toEqual(bytes());
    expect(readDer(integer(0x7f), "a test", read)).toEqual(bytes(0x7f));
    expect(readDer(integer(0, 0x80), "a test", read)).toEqual(bytes(0x80));
    expect(readDer(integer(0x12, 0x34), "a test", (r) => r.smallUnsigned())).toBe(0x1234);
  });

  it.each([
    ["empty", integer()],
    ["with a zero too many", integer(0, 0x7f)],
    ["negative with an octet too many", integer(0xff, 0x80)],
  ])("refuses one that is %s", (_, der) => expectMalformed(der, (reader) => reader.integer()));

  it("refuses negative and large ones where they can't be", () => {
    expectMalformed(integer(0x80), (reader) => reader.unsigned());
    expectMalformed(integer(0, 0x80, 0, 0, 0), (reader) => reader.smallUnsigned());
  });
});

describe("BIT STRING", () => {
  it("counts unused bits", () => {
    const der = element(0x03, bytes(5, 0xa0));
    expect(readDer(der, "a test", (reader) => reader.bits())).toEqual({
      bytes: bytes(0xa0),
      unused: 5,
    });
  });

  it.each([
    ["without the count", element(0x03)],
    ["more than seven unused", element(0x03, bytes(8, 0))],
    ["unused bits of nothing", element(0x03, bytes(1))],
    ["unused bits that are set", element(0x03, bytes(5, 0xa1))],
  ])("refuses %s", (_, der) => expectMalformed(der, (reader) => reader.bits()));

  it("refuses parts of bytes where bytes are expected", () => {
    expectMalformed(element(0x03, bytes(5, 0xa0)), (reader) => reader.bitStringOfBytes());
    expect(readDer(bitString(bytes(9)), "a test", (r) => r.bitStringOfBytes())).toEqual(bytes(9));
  });
});

describe("OBJECT IDENTIFIER", () => {
  it.each(["0.9.1", "1.2.840.113549.1.1.11", "2.5.29.15", "2.999.1", "1.39.0"])(
    "reads %s",
    (id) => {
      expect(readDer(oid(id), "a test", (reader) => reader.oid())).toBe(id);
    },
  );

  it("reads an arc of 128 bits, as in UUIDs", () => {
    const arc = [0x83, ...new Array<number>(17).fill(0xff), 0x7f];
    const der = element(0x06, bytes(0x69, ...arc));
    expect(readDer(der, "a test", (r) => r.oid())).toBe(`2.25.${2n ** 128n - 1n}`);
  });

  it.each([
    ["empty", bytes(0x06, 0x00)],
    ["with padding", bytes(0x06, 0x03, 0x2a, 0x80, 0x01)],
    ["cut off", bytes(0x06, 0x02, 0x2a, 0x86)],
    ["longer than any in use", element(0x06, new Uint8Array(129).fill(1))],
  ])("refuses one that is %s", (_, der) => expectMalformed(der, (reader) => reader.oid()));
});

describe("times", () => {
  it.each([
    [utcTime("491231235959Z"), "2049-12-31T23:59:59.000Z"],
    [utcTime("500101000000Z"), "1950-01-01T00:00:00.000Z"],
    [utcTime("240229120000Z"), "2024-02-29T12:00:00.000Z"],
    [generalizedTime("99991231235959Z"), "9999-12-31T23:59:59.000Z"],
    // RFC 5280 §4.1.2.5: either form has to be processed, for any year.
    [generalizedTime("20020101000000Z"), "2002-01-01T00:00:00.000Z"],
  ])("reads %#", (der, iso) => {
    expect(readDer(der, "a test", (reader) => reader.time()).toISOString()).toBe(iso);
  });

  it.each([
    ["no seconds", utcTime("2501010000Z")],
    ["no zone", utcTime("250101000000")],
    ["an offset", utcTime("250101000000+0100")],
    ["a fraction", generalizedTime("20250101000000.5Z")],
    ["lower case", utcTime("250101000000z")],
    ["month 13", utcTime("251301000000Z")],
    ["31 February", utcTime("250231000000Z")],
    ["29 February of a common year", utcTime("250229000000Z")],
    ["hour 24", utcTime("250101240000Z")],
    ["second 60", utcTime("250630235960Z")],
    ["four digits of year in a UTCTime", utcTime("20250101000000Z")],
    ["another string", text(0x0c, "250101000000Z")],
  ])("refuses %s", (_, der) => expectMalformed(der, (reader) => reader.time()));
});

describe("other values", () => {
  it("refuses a NULL with content, and text that is not ASCII", () => {
    expectMalformed(element(0x05, bytes(0)), (reader) => reader.null());
    expectMalformed(text(0x82, "é"), (reader) => reader.ascii(0x82));
    expect(readDer(text(0x82, "e"), "a test", (reader) => reader.ascii(0x82))).toBe("e");
  });

  it("makes a string of each byte", () => {
    expect(latin1(bytes(0x41, 0x00, 0xff))).toBe("A\u0000ÿ");
  });
});

describe("bytes as text", () => {
  it("have a character each, however many they are, and ASCII has its own", () => {
    const each = latin1(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    expect(new Set(each).size).toBe(256);
    const ascii = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte)).join("");
    expect(each.slice(0, 128)).toBe(ascii);
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251);
    expect(latin1(bytes)).toBe(Array.from(bytes, (byte) => each[byte]).join(""));
    expect(latin1(new Uint8Array())).toBe("");
  });

  it("take a few bytes each: a chain of many large certificates is indexed by them", () => {
    const bytes = new Uint8Array(4 * 1024 * 1024).fill(0x61);
    const before = process.memoryUsage().heapUsed;
    const text = latin1(bytes);
    const taken = process.memoryUsage().heapUsed - before;
    expect(text.length).toBe(bytes.length);
    expect(taken).toBeLessThan(10 * bytes.length);
  });
});
