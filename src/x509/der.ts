/**
 * Strict DER (ITU-T X.690 §10): definite and minimal lengths, one encoding for each value, nothing
 * left over. Values are read by reference into the input.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";

/** Identifier octets of the universal types that certificates are made of (X.690 §8.1.2). */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag, e.g. `[0]`, that holds other elements. */
export function constructed(number: number): number {
  return 0xa0 | number;
}

/** The identifier octet of a context-specific tag that holds a value itself. */
export function primitive(number: number): number {
  return 0x80 | number;
}

/** Longest OBJECT IDENTIFIER, in bytes: those in use have about ten. */
const maxOidLength = 128;

/** Longest input, in bytes: no certificate that is longer fits in a TLS message we take. */
const maxCertificateLength = 0xffff;

/**
 * Reads the whole of a DER encoding.
 *
 * @param what names it in errors, e.g. `"the certificate"`.
 * @param maxLength of `der`, in bytes, up to 2^24 - 1. Default: what a certificate may have.
 * @throws TlsError `certificate/malformed` where `read` does, or leaves something over.
 */
export function readDer<T>(
  der: Bytes,
  what: string,
  read: (reader: DerReader) => T,
  maxLength: number = maxCertificateLength,
): T {
  if (der.length > maxLength) {
    throw new TlsError(
      "certificate/malformed",
      `Can't read ${what}: it is ${der.length} bytes long, and at most ${maxLength} are expected.`,
    );
  }
  const reader = new DerReader(der, what);
  const value = read(reader);
  reader.end();
  return value;
}

/** Reads elements one after another. Whatever it opens must be read to its end. */
export class DerReader {
  readonly #bytes: Bytes;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Bytes, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** The identifier octet that comes next; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#offset];
  }

  /** @throws TlsError `certificate/malformed` where something is left. */
  end(): void {
    if (this.next !== undefined) throw this.malformed("there are bytes after its end");
  }

  /** The error for what is wrong here. @param reason a clause, e.g. `"the version is 7"`. */
  malformed(reason: string): TlsError {
    return new TlsError(
      "certificate/malformed",
      `Can't read ${this.#what}: ${reason}. It has to be issued anew, in strict DER by RFC 5280.`,
    );
  }

  /** The content of the next element, which must have this tag. */
  content(expected: number): Bytes {
    return this.#element(expected).content;
  }

  /** The next element, identifier and length included. */
  whole(expected: number): Bytes {
    return this.#element(expected).whole;
  }

  /** The next element whatever its tag, identifier and length included. */
  any(): Bytes {
    const { next } = this;
    if (next === undefined) throw this.malformed("it ends where a value was expected");
    return this.whole(next);
  }

  /** Reads what the next element holds, to its end. */
  inside<T>(expected: number, read: (reader: DerReader) => T): T {
    const inner = new DerReader(this.content(expected), this.#what);
    const value = read(inner);
    inner.end();
    return value;
  }

  /** {@link inside} where the next element has this tag, otherwise undefined. */
  optional<T>(expected: number, read: (reader: DerReader) => T): T | undefined {
    return this.next === expected ? this.inside(expected, read) : undefined;
  }

  /** A SEQUENCE OF, by default, with at least one item: RFC 5280 has none that may be empty. */
  list<T>(readItem: (reader: DerReader) => T, expected: number = tag.sequence): T[] {
    return this.inside(expected, (inner) => {
      const items: T[] = [];
      do items.push(readItem(inner));
      while (inner.next !== undefined);
      return items;
    });
  }

  /** X.690 §11.1: TRUE is 0xff. */
  boolean(expected: number = tag.boolean): boolean {
    const content = this.content(expected);
    const [value] = content;
    if (content.length !== 1 || (value !== 0 && value !== 0xff)) {
      throw this.malformed("a BOOLEAN is neither 00 nor ff");
    }
    return value === 0xff;
  }

  /** The content of an INTEGER: two's complement, as short as can be (X.690 §8.3.2). */
  integer(expected: number = tag.integer): Bytes {
    const content = this.content(expected);
    const [first, second] = content;
    if (first === undefined) throw this.malformed("an INTEGER is empty");
    if (second !== undefined && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80)) {
      throw this.malformed("an INTEGER is longer than it has to be");
    }
    return content;
  }

  /** An INTEGER that is not negative, big-endian without leading zeros; zero is empty. */
  unsigned(): Bytes {
    const content = this.integer();
    const [first = 0] = content;
    if (first >= 0x80) throw this.malformed("an INTEGER is negative");
    return first === 0 ? content.subarray(1) : content;
  }

  /** An INTEGER from 0 to 2^31 - 1. */
  smallUnsigned(): number {
    const digits = this.unsigned();
    const value = digits.reduce((sum, digit) => sum * 0x100 + digit, 0);
    if (value > 0x7fff_ffff) throw this.malformed("an INTEGER is out of range");
    return value;
  }

  /** A BIT STRING (X.690 §11.2.1: bits that are not used are zero). */
  bits(expected: number = tag.bitString): { readonly bytes: Bytes; readonly unused: number } {
    const content = this.content(expected);
    const [unused] = content;
    const bytes = content.subarray(1);
    const last = bytes.at(-1) ?? 0;
    if (unused === undefined || unused > 7 || (unused > 0 && bytes.length === 0)) {
      throw this.malformed("a BIT STRING counts its bits wrongly");
    }
    if ((last & ((1 << unused) - 1)) !== 0) {
      throw this.malformed("a BIT STRING has bits set after its end");
    }
    return { bytes, unused };
  }

  /** A BIT STRING of whole bytes, as keys and signatures are. */
  bitStringOfBytes(): Bytes {
    const { bytes, unused } = this.bits();
    if (unused !== 0) throw this.malformed("a BIT STRING is not made of whole bytes");
    return bytes;
  }

  /** An OBJECT IDENTIFIER in dotted form (X.690 §8.19). */
  oid(): string {
    const content = this.content(tag.oid);
    if (content.length === 0) throw this.malformed("an OBJECT IDENTIFIER is empty");
    // Long ones cost time that grows with the square of their length, and nobody has any.
    if (content.length > maxOidLength) throw this.malformed("an OBJECT IDENTIFIER is too long");
    const arcs: bigint[] = [];
    let arc = 0n;
    let atStart = true;
    for (const byte of content) {
      if (atStart && byte === 0x80) {
        throw this.malformed("an OBJECT IDENTIFIER is longer than it has to be");
      }
      arc = (arc << 7n) | BigInt(byte & 0x7f);
      atStart = byte < 0x80;
      if (atStart) {
        arcs.push(arc);
        arc = 0n;
      }
    }
    const [first = 0n, ...rest] = arcs;
    if (!atStart) throw this.malformed("an OBJECT IDENTIFIER is cut off");
    // X.690 §8.19.4: the first two arcs share an octet; only the root arc 2 has more than 40 below.
    const root = first < 80n ? first / 40n : 2n;
    return [root, first - root * 40n, ...rest].join(".");
  }

  null(): void {
    if (this.content(tag.null).length !== 0) throw this.malformed("a NULL is not empty");
  }

  /** A Time: seconds are given, and the zone is Z (RFC 5280 §4.1.2.5.1 and §4.1.2.5.2). */
  time(): Date {
    const isUtc = this.next === tag.utcTime;
    const text = latin1(this.content(isUtc ? tag.utcTime : tag.generalizedTime));
    if (!(isUtc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) {
      throw this.malformed("a time is not written as year, month, day, hour, minute, second and Z");
    }
    // RFC 5280 §4.1.2.5.1: a UTCTime's years are those from 1950 to 2049.
    const digits = isUtc ? (text < "5" ? "20" : "19") + text : text;
    const number = (from: number, to = from + 2) => Number(digits.slice(from, to));
    const [month, day] = [number(4) - 1, number(6)];
    const [hour, minute, second] = [number(8), number(10), number(12)];
    const date = new Date(0);
    date.setUTCFullYear(number(0, 4), month, day);
    date.setUTCHours(hour, minute, second);
    // Date would take the 31st of February for a day in March.
    const isDay = date.getUTCMonth() === month && date.getUTCDate() === day;
    if (!isDay || hour > 23 || minute > 59 || second > 59) {
      throw this.malformed("a time is not one that exists");
    }
    return date;
  }

  /** An IA5String under this tag: ASCII. */
  ascii(expected: number): string {
    const content = this.content(expected);
    if (content.some((byte) => byte >= 0x80)) throw this.malformed("an IA5String is not ASCII");
    return latin1(content);
  }

  #element(expected: number): { readonly whole: Bytes; readonly content: Bytes } {
    const bytes = this.#bytes;
    const start = this.#offset;
    const identifier = bytes[start];
    if (identifier !== expected) {
      const found = identifier === undefined ? "it ends" : `there is ${hex(identifier)}`;
      throw this.malformed(`${found} where tag ${hex(expected)} was expected`);
    }
    if ((identifier & 0x1f) === 0x1f) throw this.malformed("a tag number is above 30");
    const { length, offset } = this.#length(start + 1);
    const end = offset + length;
    if (end > bytes.length) throw this.malformed("an element is longer than what holds it");
    this.#offset = end;
    return { whole: bytes.subarray(start, end), content: bytes.subarray(offset, end) };
  }

  /** X.690 §10.1: definite form, in the fewest octets; here three of them at most. */
  #length(at: number): { readonly length: number; readonly offset: number } {
    const bytes = this.#bytes;
    const first = bytes[at];
    const [a, b, c] = [bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
    if (first === undefined) throw this.malformed("it ends within a length");
    if (first < 0x80) return { length: first, offset: at + 1 };
    if (first === 0x81 && a >= 0x80) return { length: a, offset: at + 2 };
    if (first === 0x82 && a > 0) return { length: (a << 8) | b, offset: at + 3 };
    if (first === 0x83 && a > 0) return { length: (a << 16) | (b << 8) | c, offset: at + 4 };
    throw this.malformed("a length is indefinite, not minimal, or above 16777215");
  }
}

/**
 * Each byte as a character of its own, as windows-1252 has them: for ASCII, and to use bytes as a key
 * of a Map.
 */
export function latin1(bytes: Uint8Array): string {
  return singleByte.decode(bytes);
}

/** The platform is many times as fast as a loop over a certificate, which may be a key too. */
const singleByte = new TextDecoder("latin1");

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
