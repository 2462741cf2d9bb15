/**
 * The handshake's two ways: messages received one by one, messages sent. Alerts, misplaced records
 * and the end of the transport are dealt with here, so that the handshakes read as straight lines.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import { explainAlert } from "../alert.ts";
import { Transcript } from "../keys/transcript.ts";
import { maxChangeCipherSpecs, maxEmptyRecords } from "../limits.ts";
import { contentType, handshakeName, hex } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import {
  encodeHandshake,
  HandshakeJoiner,
  type HandshakeMessage,
  type RecordBoundary,
} from "../record/handshake-joiner.ts";
import type { PlainRecord } from "../record/protection.ts";
import type { RecordReader } from "../record/reader.ts";
import type { HandOptions, RecordWriter } from "../record/writer.ts";
import { receivedChangeCipherSpec, receivedMessage, type Trace } from "../trace.ts";
import { ReceivedAlerts } from "./received-alerts.ts";

export class HandshakeChannel {
  readonly reader: RecordReader;
  readonly writer: RecordWriter;
  readonly joiner = new HandshakeJoiner();
  readonly alerts: ReceivedAlerts;
  readonly transcript = new Transcript();
  readonly #trace: Trace | undefined;
  #version: ProtocolVersionName | undefined;
  #isDisguised = false;
  #changeCipherSpecs = 0;
  #emptyRecords = 0;

  constructor(reader: RecordReader, writer: RecordWriter, trace?: Trace) {
    this.reader = reader;
    this.writer = writer;
    this.alerts = new ReceivedAlerts(trace);
    this.#trace = trace;
  }

  /** Settles the version, which decides what alerts and change_cipher_spec mean. */
  settleVersion(version: ProtocolVersionName): void {
    this.#version = version;
    this.reader.passesChangeCipherSpec = version === "TLSv1.3";
  }

  /**
   * Adds a message to the transcript and hands it to the transport. It is not waited for: what the
   * server says about it, and how the connection ends, has to be seen even if nothing gets out.
   */
  async send(type: number, body: Uint8Array, options?: HandOptions): Promise<void> {
    const { encoded } = encodeHandshake(type, body);
    this.transcript.add(encoded);
    await this.writer.hand(contentType.handshake, encoded, options);
  }

  /**
   * Sends what middleboxes want to see of TLS 1.3, once: behind the first ClientHello where early
   * data follows, else ahead of the second flight, together with it (RFC 8446 appendix D.4).
   */
  async disguise(): Promise<void> {
    if (this.#isDisguised) return;
    this.#isDisguised = true;
    await this.sendChangeCipherSpec({ waits: true });
  }

  async sendChangeCipherSpec(options?: HandOptions): Promise<void> {
    await this.writer.hand(contentType.changeCipherSpec, Uint8Array.of(1), options);
  }

  /**
   * The next message, which has to be of one of the types. It is not yet in the transcript: some are
   * checked against the hash of what came before them.
   *
   * @throws TlsError `handshake/unexpected-message` for any other message or record;
   * `alert/received`; `closed/truncated`; codes of the record layer.
   */
  async expect(...types: readonly number[]): Promise<HandshakeMessage> {
    const message = await this.#next();
    if (types.includes(message.type)) return message;
    throw unexpected(`a ${handshakeName(message.type)}`, types.map(handshakeName).join(" or "));
  }

  /** Expects TLS 1.2's change_cipher_spec (RFC 5246 §7.1). */
  async expectChangeCipherSpec(): Promise<void> {
    this.joiner.boundary();
    const record = await this.#nextRecord();
    if (!isChangeCipherSpec(record)) {
      throw unexpected(`a record of type ${hex(record.type, 1)}`, "change_cipher_spec");
    }
    this.#trace?.(receivedChangeCipherSpec);
  }

  /** The next message of those that the records so far have brought whole. */
  nextWhole(): HandshakeMessage | undefined {
    const message = this.joiner.next();
    if (message !== undefined) this.#trace?.(receivedMessage(message));
    return message;
  }

  /** Proof that the key for receiving may change now. */
  boundary(): RecordBoundary {
    return this.joiner.boundary();
  }

  async #next(): Promise<HandshakeMessage> {
    for (;;) {
      const message = this.nextWhole();
      if (message !== undefined) return message;
      const record = await this.#nextRecord();
      if (record.type === contentType.handshake) {
        this.#countEmpty(record);
        this.joiner.push(record.fragment);
      } else if (!this.#isDropped(record)) {
        throw unexpected(`a record of type ${hex(record.type, 1)}`, "a handshake message");
      }
    }
  }

  /** The next record that is no alert. */
  async #nextRecord(): Promise<PlainRecord> {
    for (;;) {
      const record = await this.reader.next();
      if (record === undefined) {
        throw new TlsError(
          "closed/truncated",
          "The connection ended before the handshake was done. The server may not speak TLS on this port, or the way to it was cut.",
          { retrySafe: true },
        );
      }
      if (record.type !== contentType.alert) return record;
      if (!this.joiner.isEmpty) throw unexpected("an alert", "the rest of a message");
      if (this.alerts.receive(record.fragment, this.#version)) {
        throw new TlsError("alert/received", explainAlert("close_notify"), {
          alertReceived: "close_notify",
        });
      }
    }
  }

  /** Whether it is a change_cipher_spec that TLS 1.3 drops unread (RFC 8446 §5). */
  #isDropped(record: PlainRecord): boolean {
    if (this.#version !== "TLSv1.3" || record.isProtected) return false;
    if (!isChangeCipherSpec(record) || !this.joiner.isEmpty) return false;
    this.#changeCipherSpecs++;
    this.#trace?.(receivedChangeCipherSpec);
    return this.#changeCipherSpecs <= maxChangeCipherSpecs;
  }

  #countEmpty({ fragment, isProtected }: PlainRecord): void {
    if (fragment.length > 0) {
      this.#emptyRecords = 0;
      return;
    }
    this.#emptyRecords++;
    // Empty handshake fragments are forbidden in TLS 1.3 (RFC 8446 §5.1), legal before it.
    const isForbidden = this.#version === "TLSv1.3" && isProtected;
    if (isForbidden || this.#emptyRecords > maxEmptyRecords) {
      throw new TlsError("record/flood", "The server sends handshake records with nothing inside.");
    }
  }
}

function isChangeCipherSpec({ type, fragment }: PlainRecord): boolean {
  return type === contentType.changeCipherSpec && fragment.length === 1 && fragment[0] === 1;
}

function unexpected(what: string, expected: string): TlsError {
  return new TlsError(
    "handshake/unexpected-message",
    `The server sent ${what} where ${expected} was due.`,
  );
}
