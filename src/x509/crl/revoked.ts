/**
 * The revoked certificates of a CRL (RFC 5280 §5.1.2.6). They can be hundreds of thousands, so each
 * is checked once, and then found by its serial number without having been kept as an object.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { DerReader, latin1, readDer, tag } from "../der.ts";
import { readExtensionList } from "../extensions.ts";
import { type RevocationReason, readRevocationReason } from "../revocation-reason.ts";
import { unusable } from "./unusable.ts";

/** What a CRL says of a certificate that is revoked. */
export interface Revocation {
  readonly date: Date;
  /** Absent where the authority gives none. */
  readonly reason?: RevocationReason;
}

/** Longest serial number, in bytes (RFC 5280 §4.1.2.2). */
const maxSerialLength = 20;

/** How many different extensions are remembered: most entries have the same as the others. */
const maxRemembered = 64;

/** The revoked certificates of a CRL, all of them well-formed. */
export class RevokedCertificates {
  /** What the SEQUENCE OF holds. */
  readonly #entries: Bytes;
  readonly #what: string;
  /** Where in `#entries` each one starts, by its serial number. */
  readonly #starts = new Map<string, number>();

  /**
   * @param entries what the SEQUENCE OF holds.
   * @param what names the CRL in errors.
   * @throws TlsError `certificate/malformed`, `certificate/bad-crl`.
   */
  constructor(entries: Bytes, what: string) {
    this.#entries = entries;
    this.#what = what;
    const remembered = new Set<string>();
    const reader = new DerReader(entries, what);
    for (let start = 0; reader.next !== undefined; ) {
      const content = reader.content(tag.sequence);
      const { serialNumber, extensions } = readEntry(new DerReader(content, what));
      const key = latin1(extensions);
      if (!remembered.has(key)) {
        readReason(extensions, what);
        if (remembered.size < maxRemembered) remembered.add(key);
      }
      this.#starts.set(latin1(serialNumber), start);
      start = content.byteOffset - entries.byteOffset + content.length;
    }
  }

  /** @param serialNumber content of the INTEGER. @returns undefined where it is not revoked. */
  get(serialNumber: Bytes): Revocation | undefined {
    const start = this.#starts.get(latin1(serialNumber));
    if (start === undefined) return undefined;
    const reader = new DerReader(this.#entries.subarray(start), this.#what);
    const { date, extensions } = reader.inside(tag.sequence, readEntry);
    const reason = readReason(extensions, this.#what);
    return reason === undefined ? { date } : { date, reason };
  }
}

interface Entry {
  readonly serialNumber: Bytes;
  readonly date: Date;
  /** DER of the Extensions; empty where there are none. */
  readonly extensions: Bytes;
}

/** One of `revokedCertificates` (RFC 5280 §5.1.2.6). */
function readEntry(entry: DerReader): Entry {
  const serialNumber = entry.integer();
  if (serialNumber.length > maxSerialLength) {
    throw entry.malformed(`a serial number is longer than ${maxSerialLength} bytes`);
  }
  const date = entry.time();
  const extensions = entry.next === undefined ? nothing : entry.whole(tag.sequence);
  entry.end();
  return { serialNumber, date, extensions };
}

const nothing: Bytes = new Uint8Array(0);

const oid = {
  reasonCode: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  certificateIssuer: "2.5.29.29",
} as const;

/**
 * The reason among the entry's extensions (RFC 5280 §5.3). One that is critical and unknown spoils
 * the CRL for all certificates.
 */
function readReason(extensions: Bytes, what: string): RevocationReason | undefined {
  if (extensions.length === 0) return undefined;
  const list = readDer(extensions, what, readExtensionList);
  if (list.has(oid.certificateIssuer)) {
    throw unusable(what, "it has entries of several issuers (an indirect CRL)");
  }
  for (const [name, { critical }] of list) {
    if (critical && name !== oid.reasonCode && name !== oid.invalidityDate) {
      throw unusable(what, `an entry has a critical extension that webtls does not know (${name})`);
    }
  }
  const code = list.get(oid.reasonCode);
  if (code === undefined) return undefined;
  const reason = readDer(code.value, what, readRevocationReason);
  // RFC 5280 §5.3.1: only delta CRLs take something back.
  if (reason === "removeFromCRL") throw unusable(what, "an entry says removeFromCRL");
  return reason;
}
