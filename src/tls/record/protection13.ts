/**
 * Record protection of TLS 1.3 (RFC 8446 §5.2): the type goes inside, and padding may follow it.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { aeadTagLength } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { maxCiphertext13, maxFragment } from "../limits.ts";
import { contentType } from "../messages/registry.ts";
import type { RawRecord } from "./deframer.ts";
import {
  badMac,
  type PlainRecord,
  type RecordOpener,
  type RecordSealer,
  recordHeader,
  SequenceNumber,
  type TrafficKey,
  tooLong,
  xorNonce,
} from "./protection.ts";
import { giveBuffer, takeBuffer } from "./spare-buffers.ts";

export class Sealer13 implements RecordSealer {
  readonly #traffic: TrafficKey;
  readonly #sequence: SequenceNumber;

  constructor(traffic: TrafficKey) {
    this.#traffic = traffic;
    this.#sequence = new SequenceNumber(traffic.aead);
  }

  get remaining(): number {
    return this.#sequence.remaining;
  }

  async seal(type: number, fragment: Uint8Array, padding = 0): Promise<Bytes[]> {
    const nonce = xorNonce(this.#traffic.iv, this.#sequence.takeToSend(type));
    const buffer = takeBuffer();
    const inner = buffer.subarray(0, fragment.length + 1 + padding);
    inner.set(fragment);
    inner[fragment.length] = type;
    inner.fill(0, fragment.length + 1);
    const header = recordHeader(contentType.applicationData, inner.length + aeadTagLength);
    const sealed = await this.#traffic.key.seal(nonce, header, inner);
    // Others will use it: none of this may be in it.
    inner.fill(0);
    giveBuffer(buffer);
    return [header, sealed];
  }
}

export class Opener13 implements RecordOpener {
  readonly version = "TLSv1.3";
  readonly maxLength = maxCiphertext13;
  readonly expansion = aeadTagLength;
  readonly traffic: TrafficKey;
  readonly sequence: SequenceNumber;

  constructor(traffic: TrafficKey) {
    this.traffic = traffic;
    this.sequence = new SequenceNumber(traffic.aead);
  }

  open(record: RawRecord, ahead: number): Promise<PlainRecord | TlsError> | TlsError {
    if (record.type === contentType.changeCipherSpec) {
      return new TlsError(
        "record/unexpected-type",
        "The server sent a change_cipher_spec after the handshake (RFC 8446 §5).",
      );
    }
    // Any other record in the clear fails to decrypt, as it does in rustls and BoringSSL; and one too
    // short for a tag and a type can't be authentic.
    const isProtected = record.type === contentType.applicationData;
    if (!isProtected || record.fragment.length <= aeadTagLength) return badMac();
    const nonce = xorNonce(this.traffic.iv, this.sequence.peek(ahead));
    return this.traffic.key.open(nonce, record.header, record.fragment).then(unpad);
  }
}

/** The type is the last byte that is not zero; all behind it is padding (RFC 8446 §5.4). */
function unpad(inner: Bytes | undefined): PlainRecord | TlsError {
  if (inner === undefined) return badMac();
  if (inner.length > maxFragment + 1) return tooLong(inner.length - 1);
  const typeAt = inner.findLastIndex((byte) => byte !== 0);
  const type = inner[typeAt];
  if (type === undefined) {
    return new TlsError(
      "record/unexpected-type",
      "The server sent a record of nothing but padding (RFC 8446 §5.4).",
    );
  }
  return { type, fragment: inner.subarray(0, typeAt), isProtected: true };
}
