/**
 * Application data both ways, and the few messages that may still come beside it: key changes and
 * tickets (RFC 8446 §4.6), requests to renegotiate (RFC 5246 §7.4.1.1), alerts.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { alertLevel, alertNumbers } from "../alert.ts";
import { maxEmptyRecords, maxPostHandshakeMessages } from "../limits.ts";
import { decodeNewSessionTicket13 } from "../messages/new-session-ticket.ts";
import { contentType, handshakeName, handshakeType, hex } from "../messages/registry.ts";
import { checkEmpty, decodeKeyUpdate } from "../messages/server-flight.ts";
import type { ProtocolVersionName } from "../options.ts";
import { encodeHandshake, type HandshakeMessage } from "../record/handshake-joiner.ts";
import type { PlainRecord } from "../record/protection.ts";
import { Opener13, Sealer13 } from "../record/protection13.ts";
import type { Handed } from "../record/writer.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { Established, TrafficSecrets } from "./established.ts";
import type { TicketKeeper } from "./tickets.ts";

/** Takes plaintext; what it returns is the backpressure. */
export type Deliver = (chunks: Bytes[]) => Promise<void> | void;

/** The secrets as they change, each side's at its own time. */
type Secrets = { -readonly [Side in keyof TrafficSecrets]: TrafficSecrets[Side] };

/** Records left at which TLS 1.3 changes its key by itself: far more than one write makes. */
const rekeyMargin = 2 ** 16;

export class TrafficStage {
  readonly #channel: HandshakeChannel;
  readonly #deliver: Deliver;
  readonly #version: ProtocolVersionName;
  /** Undefined in TLS 1.2. */
  readonly #secrets: Secrets | undefined;
  readonly #tickets: TicketKeeper | undefined;
  #keepSession: (() => void) | undefined;
  #emptyRecords = 0;
  #postHandshakeMessages = 0;
  #renegotiationRefused = false;
  /** Writes under way. */
  #writes = 0;
  /** The server has asked for a KeyUpdate, and nothing was written since. */
  #isAnswerDue = false;
  /** A KeyUpdate that the transport has not taken: resolves when it has. */
  #keyUpdate: Promise<unknown> | undefined;

  /** @param established carries the proofs without which there is no application data. */
  constructor(channel: HandshakeChannel, established: Established, deliver: Deliver) {
    this.#channel = channel;
    this.#deliver = deliver;
    this.#version = established.info.version;
    this.#secrets = established.secrets && { ...established.secrets };
    this.#tickets = established.tickets;
    this.#keepSession = established.keepSession;
    channel.reader.beginTraffic();
    channel.transcript.clear();
  }

  /**
   * Receives until the server's close_notify; all data before it, or before an error, is delivered.
   *
   * @throws TlsError `closed/truncated`; codes of the record layer, of messages and of alerts.
   */
  async receive(): Promise<void> {
    const { reader } = this.#channel;
    let data: Bytes[] = [];
    const flush = async () => {
      const chunks = data;
      data = [];
      if (chunks.length > 0) await this.#deliver(chunks);
    };
    try {
      for (;;) {
        let record = reader.nextOpened();
        if (record === undefined) {
          await flush();
          record = await reader.next();
        }
        if (record === undefined) throw truncated();
        if (record.type === contentType.applicationData) {
          this.#acceptData(record);
          if (record.fragment.length > 0) data.push(record.fragment);
        } else if (record.type === contentType.alert) {
          this.#requireMessageBoundary("an alert");
          if (this.#channel.alerts.receive(record.fragment, this.#version)) {
            return this.keepSession();
          }
        } else {
          await this.#receiveHandshake(record);
        }
      }
    } finally {
      await flush();
    }
  }

  /**
   * Sends application data; changes the key first where the server has asked for it or it has served
   * long enough.
   */
  async send(chunks: readonly Uint8Array[]): Promise<void> {
    const { writer } = this.#channel;
    this.#writes++;
    try {
      const isChangeDue = this.#isAnswerDue || writer.remaining < rekeyMargin;
      // Begun in one go, so that sends at once keep their order.
      const changing = isChangeDue && this.#secrets && this.#updateSendKey(this.#secrets);
      await Promise.all([changing, writer.write(contentType.applicationData, chunks)]);
    } finally {
      this.#writes--;
    }
  }

  /**
   * Changes the sending key (RFC 8446 §4.6.3); with one change on its way, after that. Resolves when
   * the transport has taken the message.
   *
   * @param requestPeer ask the server to change its own.
   * @throws TlsError `configuration/invalid-state` in TLS 1.2.
   */
  async updateKeys(requestPeer: boolean): Promise<void> {
    if (this.#secrets === undefined) {
      throw new TlsError(
        "configuration/invalid-state",
        "TLS 1.2 has no way to change its keys. Open a new connection, or set minVersion to TLSv1.3.",
      );
    }
    while (this.#keyUpdate !== undefined) await this.#keyUpdate;
    const { taken } = await this.#updateSendKey(this.#secrets, requestPeer);
    await taken;
  }

  /**
   * Says that the connection goes well: it has brought data, or ends properly. A session of TLS 1.2
   * is kept from then on, since one whose connection a fatal alert ends may not be used again
   * (RFC 5246 §7.2.2). An alert that comes later still does not take back what a store has.
   */
  keepSession(): void {
    this.#keepSession?.();
    this.#keepSession = undefined;
  }

  #acceptData(record: PlainRecord): void {
    this.#requireMessageBoundary("application data");
    if (record.fragment.length > 0) {
      this.#emptyRecords = 0;
      this.#postHandshakeMessages = 0;
      this.#channel.alerts.reset();
      this.keepSession();
      return;
    }
    this.#emptyRecords++;
    if (this.#emptyRecords > maxEmptyRecords) {
      throw new TlsError(
        "record/flood",
        `The server sent more than ${maxEmptyRecords} empty records in a row.`,
      );
    }
  }

  /** RFC 8446 §5.1: no other record between the fragments of a message. */
  #requireMessageBoundary(what: string): void {
    if (this.#channel.joiner.isEmpty) return;
    throw new TlsError(
      "handshake/unexpected-message",
      `The server sent ${what} in the middle of a handshake message.`,
    );
  }

  async #receiveHandshake({ type, fragment }: PlainRecord): Promise<void> {
    if (type !== contentType.handshake || fragment.length === 0) {
      throw new TlsError(
        "record/unexpected-type",
        `The server sent a record of type ${hex(type, 1)} and ${fragment.length} bytes among application data.`,
      );
    }
    const channel = this.#channel;
    channel.joiner.push(fragment);
    for (let next = channel.nextWhole(); next !== undefined; next = channel.nextWhole()) {
      this.#postHandshakeMessages++;
      if (this.#postHandshakeMessages > maxPostHandshakeMessages) {
        throw new TlsError(
          "handshake/flood",
          `The server sent more than ${maxPostHandshakeMessages} messages and no data.`,
        );
      }
      if (this.#secrets !== undefined) await this.#receive13(next, this.#secrets);
      else await this.#receive12(next);
    }
  }

  async #receive13(message: HandshakeMessage, secrets: Secrets): Promise<void> {
    switch (message.type) {
      case handshakeType.new_session_ticket:
        // Checked even where none is kept.
        if (this.#tickets === undefined) return void decodeNewSessionTicket13(message.body);
        return this.#tickets.receive(message.body);
      case handshakeType.key_update:
        return this.#receiveKeyUpdate(message, secrets);
      default:
        throw unexpected(message);
    }
  }

  /** RFC 8446 §4.6.3. */
  async #receiveKeyUpdate({ body }: HandshakeMessage, secrets: Secrets): Promise<void> {
    const isAnswerWanted = decodeKeyUpdate(body);
    const boundary = this.#channel.boundary();
    secrets.server = await secrets.server.next();
    this.#channel.reader.changeKey(new Opener13(await secrets.server.key()), boundary);
    if (!isAnswerWanted) return;
    // It is due before the next data (RFC 8446 §4.6.3). One may stand for several requests, so it
    // waits for that, or goes out between the records of what is being written. None is queued behind
    // another that the transport has not taken: a peer that never reads can't make them pile up.
    this.#isAnswerDue = this.#writes === 0;
    if (this.#isAnswerDue || this.#keyUpdate !== undefined) return;
    if (!this.#channel.writer.isClosed) await this.#updateSendKey(secrets);
  }

  /** Says that the sending key changes, and changes it. */
  async #updateSendKey(secrets: Secrets, requestPeer = false): Promise<Handed> {
    this.#isAnswerDue = false;
    const request = Uint8Array.of(requestPeer ? 1 : 0);
    const { encoded } = encodeHandshake(handshakeType.key_update, request);
    const andThen = async () => {
      secrets.client = await secrets.client.next();
      return new Sealer13(await secrets.client.key());
    };
    const handing = this.#channel.writer.hand(contentType.handshake, encoded, { andThen });
    const done = () => {
      if (this.#keyUpdate === settled) this.#keyUpdate = undefined;
    };
    const settled = handing.then(({ taken }) => taken).then(done, done);
    this.#keyUpdate = settled;
    return handing;
  }

  /** Renegotiation is refused once, and the second request ends it. */
  async #receive12(message: HandshakeMessage): Promise<void> {
    if (message.type !== handshakeType.hello_request) throw unexpected(message);
    checkEmpty(message.body, "HelloRequest");
    if (this.#renegotiationRefused) {
      throw new TlsError(
        "handshake/renegotiation",
        "The server insists on renegotiation, which is never done here.",
      );
    }
    this.#renegotiationRefused = true;
    if (this.#channel.writer.isClosed) return;
    const alert = Uint8Array.of(alertLevel.warning, alertNumbers.no_renegotiation);
    await this.#channel.writer.hand(contentType.alert, alert);
  }
}

function unexpected({ type }: HandshakeMessage): TlsError {
  return new TlsError(
    "handshake/unexpected-message",
    `The server sent a ${handshakeName(type)} after the handshake.`,
  );
}

function truncated(): TlsError {
  return new TlsError(
    "closed/truncated",
    "The connection ended without close_notify: what was received may be only a part of what the server sent.",
  );
}
