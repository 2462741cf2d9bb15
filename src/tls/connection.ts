/**
 * One TLS client connection: handshake, then data, then close. Bytes are pushed in; what comes of
 * them goes to a sink. It knows no socket, no timer and no worker.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { asTlsError, TlsError, type TlsErrorPhase, withDetails } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { type AlertName, alertDue, alertLevel, alertNumbers } from "./alert.ts";
import { checkBoolean } from "./caller-options.ts";
import type { ChannelBindingType } from "./channel-binding.ts";
import { HandshakeChannel } from "./client/channel.ts";
import type { EarlyData } from "./client/early-data.ts";
import type { Established } from "./client/established.ts";
import { exchangeHellos, type Greeting12 } from "./client/hello.ts";
import { handshake13 } from "./client/tls13.ts";
import { TrafficStage } from "./client/traffic.ts";
import type { ClientConfig } from "./config.ts";
import type { HandshakeInfo } from "./info.ts";
import { contentType } from "./messages/registry.ts";
import type { UpdateKeysOptions } from "./options.ts";
import { Deframer } from "./record/deframer.ts";
import { Inflow } from "./record/inflow.ts";
import { RecordReader } from "./record/reader.ts";
import { RecordWriter } from "./record/writer.ts";
import type { ConnectionStatistics } from "./statistics.ts";

/**
 * Where a connection's output goes. A promise returned is waited for before more is produced: that
 * is the backpressure.
 */
export interface ConnectionSink {
  /** Ciphertext for the transport, in order. */
  send(records: Bytes[]): Promise<void> | void;
  /** Plaintext for the application, as lists: what was decrypted together is delivered together. */
  deliver(chunks: Bytes[]): Promise<void> | void;
}

export class ClientConnection {
  /**
   * The reading side. Resolves when the server has sent close_notify and all plaintext before it
   * was delivered; rejects with a TlsError on any failure, truncation included.
   */
  readonly closed: Promise<void>;

  readonly #config: ClientConfig;
  readonly #sink: ConnectionSink;
  readonly #inflow = new Inflow();
  readonly #writer: RecordWriter;
  readonly #channel: HandshakeChannel;
  #earlyData: EarlyData | undefined;
  /** Rejects with the first failure, whatever step is under way. */
  readonly #failed: Promise<never>;
  #reportFailure: (error: TlsError) => void = () => {};
  #failure: TlsError | undefined;
  /** Rejects the writes that the transport has not taken. */
  readonly #rejectWrites = new Set<(error: TlsError) => void>();
  #phase: TlsErrorPhase = "handshake";
  #established: Established | undefined;
  #traffic: TrafficStage | undefined;
  #isWriteClosed = false;
  #isReadClosed = false;
  #hasReceived = false;
  #isEndTold = false;
  #reportClosed: () => void = () => {};

  constructor(config: ClientConfig, sink: ConnectionSink) {
    this.#config = config;
    this.#sink = sink;
    this.#writer = new RecordWriter((records) => this.#send(records), config.trace, config.records);
    const reader = new RecordReader(new Deframer(this.#inflow));
    this.#channel = new HandshakeChannel(reader, this.#writer, config.trace);
    this.#failed = new Promise((_, reject) => {
      this.#reportFailure = reject;
    });
    const ended = new Promise<void>((resolve) => {
      this.#reportClosed = resolve;
    });
    this.closed = Promise.race([ended, this.#failed]);
    // A caller may look at one of these, or at neither.
    this.#failed.catch(() => {});
    this.closed.catch(() => {});
  }

  /**
   * Runs the handshake. To be called once, before or while bytes are pushed.
   *
   * @throws TlsError any code of the record layer, the handshake and certificates; the alert, if
   * one is due, has been given to the sink by then.
   */
  handshake(): Promise<HandshakeInfo> {
    return Promise.race([this.#handshake(), this.#failed]);
  }

  /**
   * Takes ciphertext from the transport, cut anywhere. The connection keeps a reference to it: the
   * caller may not write into the buffer again.
   *
   * Resolves when all that can be processed has been and the sink has taken what came of it; where
   * records are read ahead, when there is room for more. Resolves with whether nothing refers to the
   * chunk any more: messages of the handshake may be views of theirs. Never rejects: failures show in
   * {@link handshake} and {@link closed}.
   */
  async push(chunk: Bytes): Promise<boolean> {
    if (!this.#hasReceived && chunk.length > 0) {
      this.#hasReceived = true;
      this.#config.trace?.({ kind: "first-byte" });
    }
    const isDecryptedWhole = this.#traffic !== undefined;
    await this.#inflow.push(chunk);
    // Reading ahead sees to memory itself.
    return isDecryptedWhole && this.#channel.reader.ahead === undefined;
  }

  /** Says that the transport has ended: after close_notify an end, otherwise a truncation. */
  pushEnd(): Promise<void> {
    return this.#inflow.end();
  }

  /** Where application data come from, once they may: their decryption can be left to others. */
  get reader(): RecordReader | undefined {
    return this.#traffic && this.#channel.reader;
  }

  /** How much went over the wire so far. */
  get statistics(): ConnectionStatistics {
    return { sent: this.#writer.count, received: this.#channel.reader.count };
  }

  /**
   * Whether the server may have got data already, before the handshake is done. Its having rejected
   * them is no proof until then: somebody in between can say so and pass them on all the same.
   */
  get hasSentEarlyData(): boolean {
    return this.#earlyData?.wasSent ?? false;
  }

  /**
   * Encrypts application data (one or more chunks, written in order) and gives it to the sink.
   * Resolves when the sink has taken it. Writes at once go out in the order of the calls.
   *
   * @throws TlsError `configuration/invalid-state` before the handshake is done or after
   * {@link closeWrite}; the failure of the connection once it has failed.
   */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#untilSent(this.#writable().send(chunks));
  }

  /**
   * Changes the sending key (RFC 8446 §4.6.3). It changes by itself before it is used up; this is for
   * those who want it sooner. Resolves when the sink has taken the message.
   *
   * @param options.requestPeer ask the server to change its key too. Default: false.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` in TLS 1.2, before
   * the handshake is done and after {@link closeWrite}; the failure of the connection once it has failed.
   */
  async updateKeys({ requestPeer = false }: UpdateKeysOptions = {}): Promise<void> {
    checkBoolean("requestPeer", requestPeer);
    await this.#untilSent(this.#writable().updateKeys(requestPeer));
  }

  /**
   * Keying material for a protocol above TLS, which the server makes for itself by the same
   * arguments (RFC 8446 §7.5, RFC 5705 §4).
   *
   * @param label by which uses are told apart: ASCII, registered or with "EXPERIMENTAL" in front.
   * @param context what else to bind it to. In TLS 1.2 none is something else than an empty one, in
   * TLS 1.3 they are the same.
   * @param length in bytes, 1 to 8160.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` before the
   * handshake is done, and in TLS 1.2 without the extended master secret: somebody in between could
   * have the same secret with both sides (RFC 7627 §5.4).
   */
  async exportKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes> {
    const { exported } = await exports();
    const established = () => this.#establishedFor("No keying material can be exported");
    return exported(established, label, context, length);
  }

  /**
   * Keying material for a protocol above TLS that is spoken in early data (RFC 8446 §7.5). It can be
   * had as soon as that has been sent, and is no safer from replays than the data.
   *
   * @param label @param context @param length as for {@link exportKeyingMaterial}.
   * @throws TlsError `configuration/invalid-option`; `configuration/invalid-state` where no early
   * data has been sent.
   */
  async exportEarlyKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    length: number,
  ): Promise<Bytes> {
    const { exportedEarly } = await exports();
    return exportedEarly(this.#earlyData?.exporter, label, context, length);
  }

  /**
   * What binds an authentication above TLS to this connection, e.g. SCRAM-SHA-256-PLUS: 32 bytes for
   * `"tls-exporter"` (RFC 9266), a hash of the server's certificate for `"tls-server-end-point"`
   * (RFC 5929 §4); 12 bytes for `"tls-unique"` (RFC 5929 §3), in TLS 1.2 only.
   *
   * @throws TlsError `configuration/invalid-option` for another type; `configuration/invalid-state`
   * as {@link exportKeyingMaterial} does, and where there is no such binding.
   */
  async channelBinding(type: ChannelBindingType): Promise<Bytes> {
    // Few connections are asked for one.
    const { channelBinding } = await loaded(import("./channel-binding.ts"));
    const established = () => this.#establishedFor("There is no channel binding");
    return channelBinding(type, established, this.#config.crypto);
  }

  /**
   * Sends close_notify (RFC 8446 §6.1) once; nothing is sent behind it, so a write under way is cut
   * off and a handshake under way fails. Reading goes on.
   */
  async closeWrite(): Promise<void> {
    if (this.#isWriteClosed || this.#failure !== undefined) return;
    this.#isWriteClosed = true;
    const handed = this.#alert("close_notify");
    this.#writer.close();
    this.#traffic?.keepSession();
    await handed;
    this.#tellEnd();
  }

  /**
   * Gives up: sends user_canceled and close_notify during the handshake, close_notify after it
   * (RFC 8446 §6.1), and fails every pending call with the error given.
   */
  async abort(error: TlsError): Promise<void> {
    await this.#fail(error);
  }

  async #handshake(): Promise<HandshakeInfo> {
    try {
      const earlyData = await this.#prepareEarlyData();
      const greeting = await exchangeHellos(this.#channel, this.#config, earlyData);
      const { version, name: cipherSuite } = greeting.suite;
      this.#config.trace?.({ kind: "settled", version, cipherSuite });
      const established =
        "shares" in greeting
          ? await handshake13(this.#channel, greeting, earlyData)
          : await this.#handshake12(greeting, earlyData);
      if (this.#failure !== undefined) throw this.#failure;
      const deliver = (chunks: Bytes[]) => this.#sink.deliver(chunks);
      this.#established = established;
      this.#traffic = new TrafficStage(this.#channel, established, deliver);
      this.#phase = "data";
      const { handshake, extendedMasterSecret } = established.info;
      const early = earlyData && { earlyData: earlyData.outcome };
      this.#config.trace?.({ kind: "settled", handshake, extendedMasterSecret, ...early });
      this.#config.trace?.({ kind: "handshake-done", ...this.statistics });
      // Whole at once, for nothing that is written from now on to get in between.
      const leftover = earlyData?.leftover(established.info.alpn);
      if (leftover !== undefined) await this.#writer.hand(contentType.applicationData, leftover);
      void this.#receive(this.#traffic);
      return established.info;
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  /** What early data alone needs is loaded where there are some. */
  async #prepareEarlyData(): Promise<EarlyData | undefined> {
    const { earlyData } = this.#config;
    if (earlyData === undefined) return undefined;
    const { EarlyData } = await loaded(import("./client/early-data.ts"));
    this.#earlyData = new EarlyData(earlyData, this.#config);
    return this.#earlyData;
  }

  #writable(): TrafficStage {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#traffic !== undefined && !this.#isWriteClosed) return this.#traffic;
    throw new TlsError(
      "configuration/invalid-state",
      this.#isWriteClosed
        ? "Nothing can be written any more: the sending side has been closed."
        : "Nothing can be written yet: wait for the handshake to be done.",
    );
  }

  // Not a race with the failure: each would leave something behind for as long as that is open.
  #untilSent(sent: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#rejectWrites.add(reject);
      const settled = () => this.#rejectWrites.delete(reject);
      sent.then(resolve, async (error) => reject(await this.#endOfKey(error))).then(settled);
    });
  }

  #establishedFor(what: string): Established {
    if (this.#established !== undefined) return this.#established;
    throw new TlsError(
      "configuration/invalid-state",
      `${what} yet: wait for the handshake to be done.`,
    );
  }

  /** What TLS 1.2 alone needs is loaded when a server chooses it: few do. */
  async #handshake12(greeting: Greeting12, earlyData?: EarlyData): Promise<Established> {
    const { handshake12 } = await loaded(import("./client/tls12.ts"));
    return handshake12(this.#channel, greeting, earlyData);
  }

  async #send(records: Bytes[]): Promise<void> {
    try {
      await this.#sink.send(records);
    } catch (error) {
      // Nobody waits for the messages of a handshake, which can't go on without them.
      if (this.#phase === "handshake") void this.#fail(error);
      throw error;
    }
  }

  async #receive(traffic: TrafficStage): Promise<void> {
    try {
      await traffic.receive();
      this.#isReadClosed = true;
      this.#reportClosed();
      this.#tellEnd();
    } catch (error) {
      await this.#fail(error);
    } finally {
      // What follows a close_notify is ignored (RFC 8446 §6.1).
      this.#inflow.stop();
    }
  }

  /** A key that is used up ends the connection: TLS 1.2 has no way to change it. */
  async #endOfKey(error: unknown): Promise<unknown> {
    const isUsedUp = error instanceof TlsError && error.code === "record/sequence-exhausted";
    return isUsedUp ? this.#fail(error) : error;
  }

  /** Ends the connection for the first failure; later ones are consequences of it. */
  async #fail(error: unknown): Promise<TlsError> {
    if (this.#failure !== undefined) return this.#failure;
    const known = withDetails(asTlsError(error), { phase: this.#phase });
    const typed = this.hasSentEarlyData ? unsafeToRetry(known) : known;
    this.#failure = typed;
    const alertSent = await this.#alertFor(typed);
    this.#failure = alertSent === undefined ? typed : withDetails(typed, { alertSent });
    this.#writer.close();
    this.#inflow.stop();
    this.#reportFailure(this.#failure);
    for (const reject of this.#rejectWrites) reject(this.#failure);
    this.#tellEnd();
    return this.#failure;
  }

  #tellEnd(): void {
    const isOver = this.#failure !== undefined || (this.#isReadClosed && this.#isWriteClosed);
    if (!isOver || this.#isEndTold) return;
    this.#isEndTold = true;
    this.#config.trace?.({ kind: "ended", ...this.statistics });
  }

  async #alertFor(error: TlsError): Promise<AlertName | undefined> {
    const due = alertDue(error);
    if (due === undefined || this.#isWriteClosed) return undefined;
    if (due !== "user_canceled") return this.#alert(due);
    if (this.#phase !== "handshake") return this.#alert("close_notify");
    const sent = await this.#alert("user_canceled");
    await this.#alert("close_notify");
    return sent;
  }

  /** Gives an alert to the sink, without waiting for the transport to take it. */
  async #alert(name: AlertName): Promise<AlertName | undefined> {
    const isWarning = name === "close_notify" || name === "user_canceled";
    const level = isWarning ? alertLevel.warning : alertLevel.fatal;
    try {
      await this.#writer.hand(contentType.alert, Uint8Array.of(level, alertNumbers[name]));
      return name;
    } catch {
      // The way out is gone: the failure that is being reported matters more.
      return undefined;
    }
  }
}

/** Few connections export anything. */
function exports() {
  return loaded(import("./keys/export-request.ts"));
}

/** The same failure where early data has gone out: the server may have taken them. */
export function unsafeToRetry(error: TlsError): TlsError {
  return Object.assign(withDetails(error, {}), { retrySafe: false });
}
