/**
 * What protects records, whichever the version: a sealer for those sent, an opener for those
 * received. Each belongs to one key and counts its own sequence number.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type AeadKey, type AeadName, aeadNonceLength } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import {
  maxFragment,
  maxRecordsAesGcm,
  maxRecordsChaCha20Poly1305,
  recordsKeptForAlerts,
} from "../limits.ts";
import { contentType } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { RawRecord } from "./deframer.ts";

/** A record in the clear. */
export interface PlainRecord {
  readonly type: number;
  readonly fragment: Bytes;
  /** Whether it came under a key. */
  readonly isProtected: boolean;
}

export interface RecordSealer {
  /** How many more records the key is good for (RFC 8446 §5.5). */
  readonly remaining: number;
  /**
   * Protects a record of at most 2^14 bytes. The sequence number is taken at the call, so calls may
   * overlap and their results belong on the wire in the order of the calls.
   *
   * @param padding zeros to put behind the content, in bytes. Default: none; in TLS 1.2 there are none.
   * @returns the record in pieces, the header first.
   */
  seal(type: number, fragment: Uint8Array, padding?: number): Promise<Bytes[]>;
}

/** The key and IV of one direction (RFC 8446 §7.3, RFC 5246 §6.3). */
export interface TrafficKey {
  readonly aead: AeadName;
  readonly key: AeadKey;
  /** Of TLS 1.2: as long as `fixedIvLength` says. */
  readonly iv: Bytes;
}

export interface RecordOpener {
  readonly version: ProtocolVersionName;
  readonly traffic: TrafficKey;
  /** Of the next record to be accepted; whoever accepts records moves it on. */
  readonly sequence: SequenceNumber;
  /** Longest fragment under this protection, in bytes. */
  readonly maxLength: number;
  /** By how many bytes protection makes a record longer. */
  readonly expansion: number;
  /**
   * Removes the protection of the record that stands `ahead` records behind the last accepted one.
   * Returns errors instead of throwing them: an error counts only when its turn comes. The record's
   * memory may be used for others as soon as this has resolved.
   */
  open(record: RawRecord, ahead: number): Promise<PlainRecord | TlsError> | TlsError;
}

/** The sequence number of a key (RFC 8446 §5.3, RFC 5246 §6.1). */
export class SequenceNumber {
  readonly #limit: number;
  #next = 0;

  constructor(aead: AeadName) {
    const isChaCha = aead === "ChaCha20-Poly1305";
    this.#limit = isChaCha ? maxRecordsChaCha20Poly1305 : maxRecordsAesGcm;
  }

  /** How many records are left before the key has to be changed. */
  get remaining(): number {
    return Math.max(0, this.#limit - this.#next);
  }

  /** The number `ahead` of the next one. */
  peek(ahead: number): number {
    return this.#next + ahead;
  }

  /** So many numbers are used up. */
  skip(count: number): void {
    this.#next += count;
  }

  /**
   * The next number for a record of this type.
   *
   * @throws TlsError `record/sequence-exhausted`
   */
  takeToSend(type: number): number {
    const kept = type === contentType.alert ? recordsKeptForAlerts : 0;
    if (this.#next >= this.#limit + kept) {
      throw new TlsError(
        "record/sequence-exhausted",
        "The key has protected as many records as is safe. Open a new connection.",
      );
    }
    return this.#next++;
  }
}

/** Writes a sequence number as 64 bits in network byte order. */
export function writeSequence(target: DataView, offset: number, sequence: number): void {
  target.setUint32(offset, Math.floor(sequence / 2 ** 32));
  target.setUint32(offset + 4, sequence >>> 0);
}

/** The static IV with the sequence number mixed into its end (RFC 8446 §5.3, RFC 7905 §2). */
export function xorNonce(iv: Bytes, sequence: number): Bytes {
  const nonce = iv.slice();
  const view = new DataView(nonce.buffer);
  const high = aeadNonceLength - 8;
  view.setUint32(high, view.getUint32(high) ^ Math.floor(sequence / 2 ** 32));
  view.setUint32(high + 4, view.getUint32(high + 4) ^ (sequence >>> 0));
  return nonce;
}

/** A record header (RFC 8446 §5.1) with the version that all records have carried since TLS 1.2. */
export function recordHeader(type: number, length: number, version = 0x0303): Bytes {
  return Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);
}

/** The error for a record whose tag does not match. */
export function badMac(): TlsError {
  return new TlsError(
    "record/bad-mac",
    "A record was changed on its way: its authentication tag does not match.",
  );
}

/** The error for a record that holds more than it may once it is decrypted. */
export function tooLong(length: number): TlsError {
  return new TlsError(
    "record/overflow",
    `The server sent a record with ${length} bytes inside; at most ${maxFragment} are allowed.`,
  );
}
