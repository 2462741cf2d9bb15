/**
 * The scripted server's two ways: records and messages out, with a test's hooks applied, and the
 * client's records in.
 *
 * @module
 */

import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import type { TlsError } from "../../src/errors.ts";
import { type AlertName, alertLevel, alertName, alertNumbers } from "../../src/tls/alert.ts";
import { Transcript } from "../../src/tls/keys/transcript.ts";
import { maxFragment } from "../../src/tls/limits.ts";
import { contentType, handshakeName } from "../../src/tls/messages/registry.ts";
import { Deframer, type RawRecord } from "../../src/tls/record/deframer.ts";
import {
  encodeHandshake,
  HandshakeJoiner,
  type HandshakeMessage,
} from "../../src/tls/record/handshake-joiner.ts";
import { Inflow } from "../../src/tls/record/inflow.ts";
import {
  type PlainRecord,
  type RecordOpener,
  type RecordSealer,
  recordHeader,
} from "../../src/tls/record/protection.ts";
import { RecordReader } from "../../src/tls/record/reader.ts";
import type { Message, Script, ServerMessageName } from "./script.ts";

/** Ends a script early: the client has gone, or the test wanted it so. */
export class PeerStopped extends Error {}

/** An alert of the client. */
export interface ReceivedAlert {
  readonly name: AlertName | `0x${string}`;
  readonly level: "warning" | "fatal";
  readonly isProtected: boolean;
}

/** All that the client sent, as it came out of the record layer. */
export interface Received {
  readonly alerts: ReceivedAlert[];
  readonly messages: HandshakeMessage[];
  readonly data: Bytes[];
  changeCipherSpecs: number;
  /** Content types in the order of the records, whatever their protection. */
  readonly recordTypes: number[];
}

export class PeerWire {
  readonly transcript = new Transcript();
  readonly received: Received = {
    alerts: [],
    messages: [],
    data: [],
    changeCipherSpecs: 0,
    recordTypes: [],
  };

  readonly #hooks: NonNullable<Script["on"]>;
  readonly #isPacked: boolean;
  /** Messages that wait for others to share a record with. */
  #waiting: Bytes[] = [];
  readonly #push: (chunk: Bytes) => void;
  readonly #inflow = new Inflow();
  readonly #reader: RecordReader;
  readonly #joiner = new HandshakeJoiner();
  #sealer: RecordSealer | undefined;
  #output: Bytes[] = [];

  /** @param push takes what is on its way to the client. */
  constructor({ on = {}, isPacked = false }: Script, push: (chunk: Bytes) => void) {
    this.#hooks = on;
    this.#isPacked = isPacked;
    this.#push = push;
    this.#reader = new RecordReader(new Deframer(this.#inflow));
  }

  /** Sends a message of the handshake, or what its hooks make of it. */
  async message(name: ServerMessageName, type: number, body: Bytes): Promise<void> {
    const { before, instead, frame, record, after } = this.#hooks[name] ?? {};
    await before?.(this);
    for (const message of instead?.({ type, body }) ?? [{ type, body }]) {
      const { encoded } = encodeHandshake(message.type, message.body);
      this.transcript.add(encoded);
      if (this.#isPacked) this.#waiting.push(encoded);
      for (const fragment of this.#isPacked ? [] : (frame?.(encoded) ?? cutToRecords(encoded))) {
        await this.record(contentType.handshake, fragment, record);
      }
    }
    await after?.(this);
  }

  /** Sends a message that is not in the transcript. */
  handshake({ type, body }: Message): Promise<void> {
    return this.record(contentType.handshake, encodeHandshake(type, body).encoded);
  }

  alert(name: AlertName, level: keyof typeof alertLevel = "fatal"): Promise<void> {
    const fragment = Uint8Array.of(alertLevel[level], alertNumbers[name]);
    return this.record(contentType.alert, fragment);
  }

  /** Sends one record, of any length, under the present key. */
  async record(
    type: number,
    content: Uint8Array,
    change: (record: Bytes) => Bytes = (record) => record,
  ): Promise<void> {
    await this.#sendWaiting();
    const sealed =
      this.#sealer === undefined
        ? [recordHeader(type, content.length), content]
        : await this.#sealer.seal(type, content);
    this.raw(change(concat(...sealed)));
  }

  /** Sends one record in the clear, whatever the key. */
  plainRecord(type: number, content: Uint8Array): void {
    this.raw(concat(recordHeader(type, content.length), content));
  }

  /** Sends bytes as they are. */
  raw(bytes: Bytes): void {
    this.#output.push(bytes);
  }

  /** Gives all that was sent so far to the client, as one chunk. */
  flush(): void {
    const output = this.#output;
    this.#output = [];
    if (output.length > 0) this.#push(concat(...output));
  }

  /** Goes without a word. */
  hangUp(): never {
    throw new PeerStopped("the script hung up");
  }

  async sealWith(sealer: RecordSealer): Promise<void> {
    await this.#sendWaiting();
    this.#sealer = sealer;
  }

  openWith(opener: RecordOpener): void {
    this.#reader.changeKey(new PeerOpener(opener), this.#joiner.boundary());
  }

  /** Says that change_cipher_spec means nothing, as in TLS 1.3. */
  ignoreChangeCipherSpec(): void {
    this.#reader.passesChangeCipherSpec = true;
  }

  /** Bytes from the client. Resolves when they have been worked through and more is waited for. */
  take(bytes: Bytes): Promise<void> {
    return this.#inflow.push(bytes);
  }

  /** The client sends nothing more. */
  takeEnd(): void {
    void this.#inflow.end();
  }

  /** The client's next message, which has to be of the type. */
  async expect(type: number): Promise<HandshakeMessage> {
    const message = await this.nextMessage();
    if (message.type === type) return message;
    throw new Error(
      `the client sent ${handshakeName(message.type)} instead of ${handshakeName(type)}`,
    );
  }

  async nextMessage(): Promise<HandshakeMessage> {
    for (;;) {
      const message = this.#joiner.next();
      if (message !== undefined) {
        this.received.messages.push(message);
        return message;
      }
      const record = await this.nextRecord();
      if (record.type === contentType.handshake) this.#joiner.push(record.fragment);
    }
  }

  /**
   * The client's next record, noted in {@link received}.
   *
   * @throws PeerStopped where the client has gone or sent a fatal alert.
   */
  async nextRecord(): Promise<PlainRecord> {
    await this.#sendWaiting();
    this.flush();
    const record = await this.#reader.next();
    if (record === undefined) throw new PeerStopped("the client has gone");
    this.received.recordTypes.push(record.type);
    if (record.type === contentType.changeCipherSpec) this.received.changeCipherSpecs++;
    if (record.type === contentType.applicationData) this.received.data.push(record.fragment);
    if (record.type === contentType.alert) this.#noteAlert(record);
    return record;
  }

  async #sendWaiting(): Promise<void> {
    const fragments = cutToRecords(concat(...this.#waiting));
    this.#waiting = [];
    for (const fragment of fragments) await this.record(contentType.handshake, fragment);
  }

  #noteAlert({ fragment: [level, description = 255], isProtected }: PlainRecord): void {
    const isFatal = level === alertLevel.fatal;
    const name = alertName(description);
    this.received.alerts.push({ name, level: isFatal ? "fatal" : "warning", isProtected });
    if (isFatal) throw new PeerStopped(`the client sent ${name}`);
  }
}

/** An honest change_cipher_spec. */
export function sendChangeCipherSpec(wire: PeerWire): Promise<void> {
  return wire.record(contentType.changeCipherSpec, Uint8Array.of(1));
}

function cutToRecords(encoded: Bytes): Bytes[] {
  const fragments: Bytes[] = [];
  for (let at = 0; at < encoded.length; at += maxFragment) {
    fragments.push(encoded.subarray(at, at + maxFragment));
  }
  return fragments;
}

/** Lets alerts pass in the clear too: a client that has found fault early has no keys yet. */
class PeerOpener implements RecordOpener {
  readonly maxLength: number;
  readonly expansion: number;
  readonly #inner: RecordOpener;

  constructor(inner: RecordOpener) {
    this.#inner = inner;
    this.maxLength = inner.maxLength;
    this.expansion = inner.expansion;
  }

  async open(raw: RawRecord, ahead: number): Promise<PlainRecord | TlsError> {
    const isPlainAlert = raw.type === contentType.alert && raw.fragment.length === 2;
    if (!isPlainAlert) return this.#inner.open(raw, ahead);
    return { type: raw.type, fragment: raw.fragment, isProtected: false };
  }

  get version() {
    return this.#inner.version;
  }

  get traffic() {
    return this.#inner.traffic;
  }

  get sequence() {
    return this.#inner.sequence;
  }
}
