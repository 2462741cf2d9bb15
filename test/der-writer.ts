/**
 * DER by hand, right or wrong on purpose, for what no certificate library would write.
 *
 * @module
 */

import { type Bytes, concat } from "../src/crypto/bytes.ts";

/** One element. */
export function element(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const body = concat(...content);
  const { length } = body;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return concat(Uint8Array.from(header), body);
}

export const sequence = (...content: readonly Uint8Array[]): Bytes => element(0x30, ...content);
export const octets = (...content: readonly Uint8Array[]): Bytes => element(0x04, ...content);
export const bitString = (...content: readonly Uint8Array[]): Bytes =>
  element(0x03, Uint8Array.of(0), ...content);
export const integer = (...content: readonly number[]): Bytes =>
  element(0x02, Uint8Array.from(content));
export const boolean = (value: boolean): Bytes => element(0x01, Uint8Array.of(value ? 0xff : 0));
export const nothing = (): Bytes => element(0x05);
export const text = (tag: number, value: string): Bytes =>
  element(tag, new Uint8Array(Buffer.from(value, "latin1")));
export const utcTime = (value: string): Bytes => text(0x17, value);
export const generalizedTime = (value: string): Bytes => text(0x18, value);

/** An OBJECT IDENTIFIER. */
export function oid(dotted: string): Bytes {
  const [root = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const digits = [root * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 0x80];
    for (let left = Math.floor(arc / 0x80); left > 0; left = Math.floor(left / 0x80)) {
      groups.unshift(0x80 | (left % 0x80));
    }
    return groups;
  });
  return element(0x06, Uint8Array.from(digits));
}

/** A Name with a common name only; without one, an empty Name. */
export function commonName(value: string): Bytes {
  if (value === "") return sequence();
  return sequence(element(0x31, sequence(oid("2.5.4.3"), text(0x0c, value))));
}

/** An Extension. */
export function extension(id: string, critical: boolean, value: Uint8Array): Bytes {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

/** The pieces of a certificate, each of which can be replaced by something wrong. */
export interface CertificatePieces {
  /** Default: `[0] { 2 }`, version 3. */
  version?: Uint8Array;
  serial?: Uint8Array;
  /** The algorithm named within what is signed. */
  innerAlgorithm?: Uint8Array;
  outerAlgorithm?: Uint8Array;
  issuer?: Uint8Array;
  validity?: Uint8Array;
  subject?: Uint8Array;
  publicKey?: Uint8Array;
  uniqueIds?: Uint8Array;
  /** What stands in `[3]`; without it there are no extensions. */
  extensions?: readonly Uint8Array[];
  afterExtensions?: Uint8Array;
  signature?: Uint8Array;
  after?: Uint8Array;
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));
const none = new Uint8Array();

/** A certificate that has the right form and a signature that means nothing. */
export function certificateOf(pieces: CertificatePieces = {}): Bytes {
  const signed = sequence(
    pieces.version ?? element(0xa0, integer(2)),
    pieces.serial ?? integer(1),
    pieces.innerAlgorithm ?? ecdsaWithSha256,
    pieces.issuer ?? commonName("issuer"),
    pieces.validity ?? sequence(utcTime("250101000000Z"), generalizedTime("20500101000000Z")),
    pieces.subject ?? commonName("subject"),
    pieces.publicKey ?? p256Key(),
    pieces.uniqueIds ?? none,
    pieces.extensions === undefined ? none : element(0xa3, sequence(...pieces.extensions)),
    pieces.afterExtensions ?? none,
  );
  return sequence(
    signed,
    pieces.outerAlgorithm ?? ecdsaWithSha256,
    pieces.signature ?? bitString(Uint8Array.of(1, 2, 3)),
    pieces.after ?? none,
  );
}

/** SubjectPublicKeyInfo of P-256, with a point of the right length that is on no curve. */
export function p256Key(): Bytes {
  const point = new Uint8Array(65).fill(1);
  point[0] = 4;
  return sequence(sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), bitString(point));
}
