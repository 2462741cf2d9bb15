/**
 * A connection over a transport: moves bytes between the two, watches the time, and ends both
 * together. It begins plain or secured, and can become secured on the way (STARTTLS).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { asTlsError, TlsError } from "../errors.ts";
import type { ClientConfig } from "../tls/config.ts";
import { ClientConnection, type ConnectionSink, unsafeToRetry } from "../tls/connection.ts";
import type { ConnectionInfo } from "../tls/info.ts";
import type { RecordReader } from "../tls/record/reader.ts";
import { patiently } from "./patience.ts";
import { PlainConnection } from "./plain.ts";
import type { Schedule } from "./schedule.ts";

/** Longest time for an alert to leave before the transport is ended, in milliseconds. */
const alertTime = 1_000;
/** Longest time for what was sent to be taken once the transport is being closed. */
const closeTime = 2_000;

/** Bytes from and to the server, as a bridge gives them. */
export interface Transport {
  /** The next bytes, or undefined at the end. Rejects with a TlsError. */
  read(): Promise<Bytes | undefined>;
  /** Takes a chunk back that nothing refers to any more, where that is of use. */
  release?(chunk: Bytes): void;
  /**
   * Sends chunks, which are the transport's own from then on. Resolves when there is room for more.
   * Rejects with a TlsError.
   */
  send(chunks: readonly Bytes[]): Promise<void>;
  /**
   * Ends both directions. It is read to its end meanwhile. Resolves when what was sent has been
   * taken.
   */
  close(): Promise<void>;
}

/** Whom a link tells what happens. After {@link failed} or {@link closed} it tells nothing more. */
export interface LinkOwner {
  /** The handshake is done. */
  secured(info: ConnectionInfo): void;
  /** Plaintext. A promise returned is waited for before more is read. */
  deliver(chunks: Bytes[]): Promise<void> | void;
  /** The server has ended its side; all that came before was delivered. */
  ended(): void;
  /** The connection has failed and its transport is closed. */
  failed(error: TlsError): void;
  /** The connection is closed, as {@link Link.close} asked. */
  closed(): void;
}

/** What stands between the transport and the owner: TLS, or nothing. */
type Layer = Pick<
  ClientConnection,
  "closed" | "hasSentEarlyData" | "push" | "pushEnd" | "write" | "closeWrite" | "abort"
>;

/** What can be asked of TLS itself, besides carrying data. */
export type TlsControls = Pick<
  ClientConnection,
  "exportKeyingMaterial" | "exportEarlyKeyingMaterial" | "channelBinding" | "updateKeys"
>;

/** One connection over one transport, from its opening to its end. */
export class Link {
  readonly #transport: Transport;
  readonly #owner: LinkOwner;
  readonly #schedule: Schedule;
  #layer: Layer | undefined;
  #tls: ClientConnection | undefined;
  #sendFailure: unknown;
  /** By `performance.now()`; counted anew when TLS begins. */
  #firstByteAt: number | undefined;
  #state: "running" | "aborting" | "over" = "running";
  /** Whether the end is one that was asked for. */
  #closing = false;
  /** The transport has come to its end: a layer that begins after that has to be told. */
  #transportEnded = false;

  constructor(transport: Transport, owner: LinkOwner, schedule: Schedule) {
    this.#transport = transport;
    this.#owner = owner;
    this.#schedule = schedule;
  }

  /** Carries bytes as they are. */
  plain(): void {
    const told = Promise.resolve();
    this.#use(new PlainConnection(this.#sink(told)), told);
  }

  /**
   * Speaks TLS from here on. The outcome is told to the owner: `secured`, or `failed`.
   *
   * @param settling may still be loading what the configuration needs.
   * @param milliseconds longest time of that and the handshake.
   */
  async secure(settling: Promise<ClientConfig>, milliseconds: number): Promise<void> {
    if (this.#state !== "running") return;
    // Plaintext, or the end, may come with the last of the handshake: it waits for the news.
    let tell = () => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const cancel = this.#schedule(
      () => void this.abort(handshakeTimeout(milliseconds)),
      milliseconds,
    );
    const begun = performance.now();
    this.#firstByteAt = undefined;
    try {
      const config = await settling;
      if (this.#state !== "running") return;
      const sessions = config.sessions && patiently(config.sessions, this.#schedule);
      const connection = new ClientConnection({ ...config, sessions }, this.#sink(told));
      this.#tls = connection;
      this.#use(connection, told);
      const info = await connection.handshake();
      const handshake = performance.now() - begun;
      const firstByte = (this.#firstByteAt ?? performance.now()) - begun;
      const timings = { firstByte, handshake };
      if (this.#state === "running") this.#owner.secured({ ...info, timings });
    } catch (error) {
      if (this.#state === "running") this.#end(asTlsError(error));
    } finally {
      cancel();
      tell();
    }
  }

  /** Where received records come from; undefined where TLS has not begun. */
  get reader(): RecordReader | undefined {
    return this.#tls?.reader;
  }

  /** @throws TlsError `configuration/invalid-state` where TLS has not begun. */
  get tls(): TlsControls {
    if (this.#tls !== undefined) return this.#tls;
    throw new TlsError(
      "configuration/invalid-state",
      "The connection does not speak TLS yet: wait for it to be opened.",
    );
  }

  /**
   * Sends application data.
   *
   * @throws TlsError where it could not be sent.
   */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#layer?.write(chunks);
    if (this.#sendFailure !== undefined) throw this.#sendFailure;
  }

  /** Tells the server that nothing more will be written; reading goes on. */
  async closeWrite(): Promise<void> {
    await this.#layer?.closeWrite();
    if (this.#sendFailure !== undefined) throw this.#sendFailure;
  }

  /** Tells the server, and ends the transport without waiting for its answer (RFC 8446 §6.1). */
  async close(): Promise<void> {
    if (this.#state !== "running" || this.#closing) return;
    this.#closing = true;
    // A connection that fails just now is closed all the same.
    await this.#layer?.closeWrite().catch(() => {});
    this.#end();
  }

  /** Gives up: an alert where one is due, then the end of the transport. */
  async abort(error: TlsError): Promise<void> {
    if (this.#state !== "running") return;
    this.#state = "aborting";
    await this.#within(alertTime, this.#layer?.abort(error));
    this.#end(error);
  }

  #use(layer: Layer, told: Promise<void>): void {
    const first = this.#layer === undefined;
    this.#layer = layer;
    const isCurrent = () => this.#layer === layer && this.#state === "running";
    layer.closed.then(
      () => told.then(() => isCurrent() && this.#owner.ended()),
      (error) => told.then(() => isCurrent() && this.#end(asTlsError(error))),
    );
    if (first) void this.#pump();
    else if (this.#transportEnded) void layer.pushEnd();
  }

  // It goes on when all is over, for the transport's sake: the layer drops what comes then.
  async #pump(): Promise<void> {
    for (;;) {
      let chunk: Bytes | undefined;
      try {
        chunk = await this.#transport.read();
      } catch (error) {
        await this.abort(asTlsError(error));
        // Where the link was over before, nobody has told the layer.
        return this.#layer?.pushEnd();
      }
      if (chunk === undefined) {
        this.#transportEnded = true;
        return this.#layer?.pushEnd();
      }
      this.#firstByteAt ??= performance.now();
      if (await this.#layer?.push(chunk)) this.#transport.release?.(chunk);
    }
  }

  #sink(told: Promise<void>): ConnectionSink {
    return {
      // That sending fails is no failure of the protocol. What was read before still counts, and
      // the reading side knows the reason; writers are told by write().
      send: (records) =>
        this.#transport.send(records).catch((error: unknown) => {
          this.#sendFailure ??= error;
        }),
      deliver: async (chunks) => {
        await told;
        if (this.#state !== "over") await this.#owner.deliver(chunks);
      },
    };
  }

  /** The end. One that {@link close} asked for is no failure, whatever comes in between. */
  #end(failure?: TlsError): void {
    if (this.#state === "over") return;
    this.#state = "over";
    const closed = this.#transport.close();
    if (failure === undefined || this.#closing) {
      void this.#within(closeTime, closed).then(() => this.#owner.closed());
    } else {
      this.#owner.failed(this.#layer?.hasSentEarlyData ? unsafeToRetry(failure) : failure);
    }
  }

  /** Waits for something whose outcome does not matter, but not for ever. */
  #within(milliseconds: number, wait: Promise<void> | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#schedule(resolve, milliseconds);
      const done = () => {
        cancel();
        resolve();
      };
      Promise.resolve(wait).then(done, done);
    });
  }
}

function handshakeTimeout(milliseconds: number): TlsError {
  return new TlsError(
    "timeout/handshake",
    `The server did not finish the TLS handshake within ${milliseconds / 1000} seconds. Check that the port speaks TLS, or set handshakeTimeout higher.`,
    { phase: "handshake", retrySafe: true },
  );
}
