/**
 * Joins the fragments of handshake records to messages (RFC 8446 §5.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { maxHandshakeMessage } from "../limits.ts";
import { handshakeName } from "../messages/registry.ts";

/** A whole handshake message. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Bytes;
  /** With its header, as transcripts hash it. */
  readonly encoded: Bytes;
}

declare const boundary: unique symbol;
/**
 * Proof that everything received under a key has been read to its end, so that the key may change
 * (RFC 8446 §5.1). Minted by {@link HandshakeJoiner.boundary} alone.
 */
export interface RecordBoundary {
  readonly [boundary]: true;
}

const headerLength = 4;

export class HandshakeJoiner {
  #fragment: Bytes = new Uint8Array(0);
  /** A header or message that spans records, as long as it will be, and how much of it is here. */
  #partial: Bytes | undefined;
  #filled = 0;

  /** Takes the next fragment; only when {@link next} has returned undefined. */
  push(fragment: Bytes): void {
    this.#fragment = fragment;
  }

  /** Whether nothing of a message is waiting. */
  get isEmpty(): boolean {
    return this.#partial === undefined && this.#fragment.length === 0;
  }

  /**
   * The next whole message; undefined when more records are needed.
   *
   * @throws TlsError `handshake/message-too-long`, from the header alone: nothing is buffered.
   */
  next(): HandshakeMessage | undefined {
    if (this.#partial === undefined && this.#fragment.length >= headerLength) {
      const end = headerLength + messageLength(this.#fragment);
      if (this.#fragment.length >= end) {
        const encoded = this.#fragment.subarray(0, end);
        this.#fragment = this.#fragment.subarray(end);
        return message(encoded);
      }
    }
    return this.#fragment.length > 0 ? this.#fill() : undefined;
  }

  /**
   * @throws TlsError `handshake/unexpected-message` where bytes are left: they would change keys in
   * the middle of a record or a message.
   */
  boundary(): RecordBoundary {
    if (!this.isEmpty) {
      throw new TlsError(
        "handshake/unexpected-message",
        "The server sent more in the same record where its key has to change (RFC 8446 §5.1).",
      );
    }
    return {} as RecordBoundary;
  }

  #fill(): HandshakeMessage | undefined {
    this.#partial ??= new Uint8Array(headerLength);
    const target = this.#partial;
    const count = Math.min(target.length - this.#filled, this.#fragment.length);
    target.set(this.#fragment.subarray(0, count), this.#filled);
    this.#fragment = this.#fragment.subarray(count);
    this.#filled += count;
    if (this.#filled < target.length) return undefined;
    const length = messageLength(target);
    if (target.length < headerLength + length) {
      this.#partial = new Uint8Array(headerLength + length);
      this.#partial.set(target);
      return this.#fragment.length > 0 ? this.#fill() : undefined;
    }
    this.#partial = undefined;
    this.#filled = 0;
    return message(target);
  }
}

function messageLength(header: Bytes): number {
  const [type = 0, high = 0, middle = 0, low = 0] = header;
  const length = high * 65536 + middle * 256 + low;
  if (length <= maxHandshakeMessage) return length;
  throw new TlsError(
    "handshake/message-too-long",
    `The server announced a ${handshakeName(type)} of ${length} bytes; at most ${maxHandshakeMessage} are read.`,
  );
}

function message(encoded: Bytes): HandshakeMessage {
  return { type: encoded[0] ?? 0, body: encoded.subarray(headerLength), encoded };
}

/** A message with its header (RFC 8446 §4). */
export function encodeHandshake(type: number, body: Uint8Array): HandshakeMessage {
  const encoded = new Uint8Array(headerLength + body.length);
  encoded.set([type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]);
  encoded.set(body, headerLength);
  return message(encoded);
}
