/**
 * PKCS#12 files (RFC 7292) that `openssl pkcs12` does not write: with several keys, with what does not
 * belong together, or in pieces. Nothing in them is encrypted, as far as it is to be read.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import { type Bytes, concat } from "../src/crypto/bytes.ts";
import { element, integer, nothing, octets, oid, sequence } from "./der-writer.ts";

/** A key, and the certificate that goes with it, or does not. */
export interface Entry {
  /** PKCS#8 in PEM. */
  readonly privateKey: string;
  /** DER; without one, there is the key alone. */
  readonly certificate?: Uint8Array | undefined;
}

/** What is unusual in a file. */
export interface Pkcs12Shape {
  /** Rounds of a MAC that is not right. Default: there is no MAC. */
  readonly macRounds?: number;
  /** The content as BER has it, of no length that is said, and in pieces. Default: as DER has it. */
  readonly inPieces?: boolean;
  /** The rounds of further parts, encrypted by AES-128 and PBKDF2 by no password. Default: none. */
  readonly sealedRounds?: readonly number[];
  /** The bags within another bag. Default: they are not. */
  readonly nested?: boolean;
}

const data = oid("1.2.840.113549.1.7.1");

/** A file with these keys, by their friendly names. */
export function pkcs12Of(entries: Readonly<Record<string, Entry>>, shape: Pkcs12Shape = {}): Bytes {
  const bags = Object.entries(entries).flatMap(([name, entry]) => bagsOf(name, entry));
  const contents = sequence(...bags);
  const outer = shape.nested
    ? sequence(sequence(oid("1.2.840.113549.1.12.10.1.6"), explicit(contents)))
    : contents;
  const sealed = (shape.sealedRounds ?? []).map(sealedPart);
  const safe = sequence(contentInfo(outer, shape), ...sealed);
  const mac = shape.macRounds === undefined ? [] : [macOf(shape.macRounds)];
  return sequence(integer(3), contentInfo(safe, shape), ...mac);
}

function bagsOf(friendlyName: string, { privateKey, certificate }: Entry): Bytes[] {
  const pkcs8 = createPrivateKey(privateKey).export({ type: "pkcs8", format: "der" });
  const name = element(0x1e, utf16(friendlyName));
  const attribute = sequence(oid("1.2.840.113549.1.9.20"), element(0x31, name));
  const key = sequence(
    oid("1.2.840.113549.1.12.10.1.1"),
    explicit(pkcs8),
    element(0x31, attribute),
  );
  if (certificate === undefined) return [key];
  const held = sequence(oid("1.2.840.113549.1.9.22.1"), explicit(octets(certificate)));
  return [key, sequence(oid("1.2.840.113549.1.12.10.1.3"), explicit(held))];
}

function contentInfo(content: Bytes, { inPieces }: Pkcs12Shape): Bytes {
  if (!inPieces) return sequence(data, explicit(octets(content)));
  const half = content.length >> 1;
  const pieces = [octets(content.subarray(0, half)), octets(content.subarray(half))];
  return indefinite(0x30, data, indefinite(0xa0, indefinite(0x24, ...pieces)));
}

/** X.690 §8.1.3.6. */
function indefinite(tag: number, ...content: readonly Uint8Array[]): Bytes {
  return concat(Uint8Array.of(tag, 0x80), ...content, Uint8Array.of(0, 0));
}

function macOf(rounds: number): Bytes {
  const sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), nothing());
  return sequence(
    sequence(sha256, octets(new Uint8Array(32))),
    octets(new Uint8Array(8)),
    positive(rounds),
  );
}

/** EncryptedData (RFC 5652 §8) by PBES2 (RFC 8018 appendix A.4). */
function sealedPart(rounds: number): Bytes {
  const salted = sequence(octets(new Uint8Array(8)), positive(rounds));
  const derivation = sequence(oid("1.2.840.113549.1.5.12"), salted);
  const cipher = sequence(oid("2.16.840.1.101.3.4.1.2"), octets(new Uint8Array(16)));
  const pbes2 = sequence(oid("1.2.840.113549.1.5.13"), sequence(derivation, cipher));
  const content = sequence(data, pbes2, element(0x80, new Uint8Array(16)));
  return sequence(oid("1.2.840.113549.1.7.6"), explicit(sequence(integer(0), content)));
}

/** A positive INTEGER of at most 31 bits, as short as DER has it. */
function positive(number: number): Bytes {
  const digits = [24, 16, 8, 0].map((shift) => (number >> shift) & 0xff);
  const short = digits.slice(digits.findIndex((digit) => digit !== 0));
  return integer(...((short[0] ?? 0) < 0x80 ? [] : [0]), ...short);
}

function explicit(content: Uint8Array): Bytes {
  return element(0xa0, content);
}

/** A BMPString. */
function utf16(text: string): Bytes {
  return Uint8Array.from(Buffer.from(text, "utf16le").swap16());
}
