/**
 * Record protection of TLS 1.2 by AEAD suites (RFC 5246 §6.2.3.3). The two families differ in the
 * nonce: AES-GCM sends eight bytes of it (RFC 5288 §3), ChaCha20-Poly1305 none (RFC 7905 §2).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type AeadName, aeadTagLength } from "../../crypto/provider.ts";
import type { TlsError } from "../../errors.ts";
import { maxCiphertext12, maxFragment } from "../limits.ts";
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
  writeSequence,
  xorNonce,
} from "./protection.ts";

const explicitNonceLength = 8;

/** Bytes of the key block that belong to a direction's nonce (RFC 5288 §3, RFC 7905 §2). */
export function fixedIvLength(aead: AeadName): number {
  return aead === "ChaCha20-Poly1305" ? 12 : 4;
}

function hasExplicitNonce(aead: AeadName): boolean {
  return aead !== "ChaCha20-Poly1305";
}

export class Sealer12 implements RecordSealer {
  readonly #traffic: TrafficKey;
  readonly #sequence: SequenceNumber;

  constructor(traffic: TrafficKey) {
    this.#traffic = traffic;
    this.#sequence = new SequenceNumber(traffic.aead);
  }

  get remaining(): number {
    return this.#sequence.remaining;
  }

  async seal(type: number, fragment: Uint8Array): Promise<Bytes[]> {
    const { aead, key, iv } = this.#traffic;
    const sequence = this.#sequence.takeToSend(type);
    const aad = additionalData(sequence, recordHeader(type, fragment.length), fragment.length);
    if (!hasExplicitNonce(aead)) {
      const header = recordHeader(type, fragment.length + aeadTagLength);
      return [header, await key.seal(xorNonce(iv, sequence), aad, fragment)];
    }
    // A counter can't repeat under a key, as a random nonce might (RFC 9325 §7.2.1).
    const explicit = new Uint8Array(explicitNonceLength);
    writeSequence(new DataView(explicit.buffer), 0, sequence);
    const header = recordHeader(type, explicitNonceLength + fragment.length + aeadTagLength);
    return [header, explicit, await key.seal(gcmNonce(iv, explicit), aad, fragment)];
  }
}

export class Opener12 implements RecordOpener {
  readonly version = "TLSv1.2";
  readonly maxLength = maxCiphertext12;
  readonly expansion: number;
  readonly traffic: TrafficKey;
  readonly sequence: SequenceNumber;

  constructor(traffic: TrafficKey) {
    this.traffic = traffic;
    this.sequence = new SequenceNumber(traffic.aead);
    this.expansion = aeadTagLength + (hasExplicitNonce(traffic.aead) ? explicitNonceLength : 0);
  }

  open(record: RawRecord, ahead: number): Promise<PlainRecord | TlsError> | TlsError {
    const { key, iv } = this.traffic;
    const explicit = this.expansion - aeadTagLength;
    const length = record.fragment.length - this.expansion;
    if (length < 0) return badMac();
    if (length > maxFragment) return tooLong(length);
    const sequence = this.sequence.peek(ahead);
    const nonce =
      explicit > 0 ? gcmNonce(iv, record.fragment.subarray(0, explicit)) : xorNonce(iv, sequence);
    const aad = additionalData(sequence, record.header, length);
    const { type } = record;
    return key
      .open(nonce, aad, record.fragment.subarray(explicit))
      .then((fragment) =>
        fragment === undefined ? badMac() : { type, fragment, isProtected: true },
      );
  }
}

function gcmNonce(iv: Bytes, explicit: Bytes): Bytes {
  const nonce = new Uint8Array(iv.length + explicit.length);
  nonce.set(iv);
  nonce.set(explicit, iv.length);
  return nonce;
}

/** seq_num + type + version + length of the plaintext (RFC 5246 §6.2.3.3). */
function additionalData(sequence: number, header: Bytes, length: number): Bytes {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  writeSequence(view, 0, sequence);
  data.set(header.subarray(0, 3), 8);
  view.setUint16(11, length);
  return data;
}
