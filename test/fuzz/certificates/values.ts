/**
 * Values to put into DER elements, by their types: such as turn over, contradict themselves or mean
 * something else than they seem to.
 *
 * @module
 */

import { type Bytes, concat } from "../../../src/crypto/bytes.ts";
import { oid } from "../../der-writer.ts";
import { below, mutateBytes, noise, pick, type Random } from "../mutate.ts";

type Edit = (content: Bytes, random: Random) => Bytes;

const bytes = (text: string): Bytes => new Uint8Array(Buffer.from(text, "latin1"));
const repeated = (byte: number, count: number) => new Uint8Array(count).fill(byte);
const oneOf =
  (first: Bytes, ...others: Bytes[]): Edit =>
  (_, random) =>
    pick(random, [first, ...others]);

const booleans = oneOf(
  new Uint8Array(),
  ...[Uint8Array.of(0xff), Uint8Array.of(0), Uint8Array.of(1), repeated(0xff, 2)],
);

const integers: Edit = (content, random) =>
  pick(random, [
    concat(Uint8Array.of(0), content),
    concat(Uint8Array.of(0xff), content),
    Uint8Array.of(below(random, 256)),
    Uint8Array.of(0x80, ...noise(random, below(random, 4))),
    Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0x80, 0, 0, 0),
    concat(Uint8Array.of(1), noise(random, pick(random, [7, 19, 20, 21, 300]))),
    new Uint8Array(),
  ]);

const bitStrings: Edit = (content, random) =>
  pick(random, [
    concat(Uint8Array.of(below(random, 10)), content.subarray(1)),
    concat(Uint8Array.of(0), noise(random, below(random, 4))),
    concat(content, Uint8Array.of(0)),
    Uint8Array.of(below(random, 9)),
    new Uint8Array(),
  ]);

/** Those that are known in certificates, and forms that are wrong. */
const oids: Edit = (content, random) =>
  pick(random, [
    oid(pick(random, knownOids)).subarray(2),
    oid(pick(random, knownOids)).subarray(2),
    concat(Uint8Array.of(0x80), content),
    concat(content, Uint8Array.of(0x80)),
    concat(content, repeated(0xff, pick(random, [1, 9, 100, 5000])), Uint8Array.of(1)),
    noise(random, 1 + below(random, 8)),
    new Uint8Array(),
  ]);

const knownOids: readonly [string, ...string[]] = [
  "2.5.29.14",
  ...["2.5.29.15", "2.5.29.17", "2.5.29.18", "2.5.29.19", "2.5.29.28", "2.5.29.30"],
  ...["2.5.29.31", "2.5.29.32", "2.5.29.33", "2.5.29.35", "2.5.29.36", "2.5.29.37", "2.5.29.54"],
  ...["2.5.29.20", "2.5.29.21", "2.5.29.24", "2.5.29.27", "2.5.29.29", "2.5.29.37.0"],
  ...["1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.24", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
  ...["1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.1.1", "1.3.6.1.5.5.7.48.2"],
  ...["1.3.6.1.4.1.11129.2.4.2", "1.3.6.1.4.1.11129.2.4.3", "1.3.6.1.4.1.11129.2.4.5"],
  ...["1.3.101.112", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.2.1"],
  ...["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.10", "1.2.840.113549.1.1.1"],
  ...["1.2.840.113549.1.1.5", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.11"],
  ...["2.16.840.1.101.3.4.2.1", "1.3.14.3.2.26", "2.5.4.3", "2.5.4.10", "1.2.840.113549.1.9.1"],
];

const times: Edit = (_, random) => bytes(pick(random, knownTimes));

const knownTimes: readonly [string, ...string[]] = [
  "240101000000Z",
  ...["250630120000Z", "251231235959Z", "260101000000Z", "260101000001Z"],
  ...["491231235959Z", "500101000000Z", "20500101000000Z", "99991231235959Z", "00000101000000Z"],
  ...["20250630120000Z", "19500101000000Z", "250229000000Z", "250631000000Z", "250630240000Z"],
  ...["250630126000Z", "250630120060Z", "2506301200Z", "250630120000+0100", "250630120000"],
  ...["20250630120000.5Z", "2025063012Z", "-00010101000000Z", "+25630120000Z", " 50630120000Z", ""],
];

/** Also of names, URIs and addresses, which have context-specific tags. */
const texts: Edit = (content, random) => {
  if (random() < 0.4) return bytes(pick(random, knownNames));
  return pick(random, [
    concat(content, bytes(".")),
    concat(bytes("."), content),
    concat(bytes("*."), content),
    concat(content, bytes("\0.evil.example")),
    bytes(Buffer.from(content).toString("latin1").toUpperCase()),
    bytes(`${"a".repeat(pick(random, [63, 64, 250, 4000]))}.example`),
    bytes("a.".repeat(pick(random, [100, 127, 128, 8000]))),
    noise(random, pick(random, [1, 4, 5, 8, 16, 32])),
    new Uint8Array(),
  ]);
};

const knownNames: readonly [string, ...string[]] = [
  "a.example",
  ...["A.Example", "a.example.", "*.example", "*.a.example", "a*.example", "*"],
  ...["*.", ".example", "example", "b.bad.example", "xn--bcher-kva.example", "b\xfccher.example"],
  ...["_a.example", "a_b.example", "-a.example", "a-.example", "a..example", " a.example", "."],
  ...["a.example:443", "http://a.example/x", "ldap://[::1]:389/x", "http://", "urn:x:y", "//a"],
  ...["x@a.example", "@a.example", "x@.example", '"a@b"@a.example', "x@y@a.example", "192.0.2.1"],
  ...["\xc0\x00\x02\x01", "\xc0\x00\x02\x01\xff\xff\xff\x00", "\xff\xff\xff\xff\xff\x00\xff\x00"],
];

const edits: ReadonlyMap<number, Edit> = new Map<number, Edit>([
  [0x01, booleans],
  [0x02, integers],
  [0x03, bitStrings],
  [0x06, oids],
  [0x17, times],
  [0x18, times],
  ...[0x0c, 0x13, 0x14, 0x16, 0x1e, 0x81, 0x82, 0x86, 0x87].map((tag) => [tag, texts] as const),
]);

/** Another value for an element of this tag. */
export function editValue(tag: number, content: Bytes, random: Random): Bytes {
  const edit = edits.get(tag);
  if (edit === undefined || random() < 0.2) return mutateBytes(content, random);
  return edit(content, random);
}
