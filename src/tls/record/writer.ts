/**
 * Records sent: cut to size, protected, and handed over in the order they were written.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { maxFragment, recordBatch } from "../limits.ts";
import { contentType } from "../messages/registry.ts";
import type { RecordOptions } from "../record-options.ts";
import type { RecordCount } from "../statistics.ts";
import { sentContent, type Trace } from "../trace.ts";
import { type RecordSealer, recordHeader } from "./protection.ts";

/** Where records go: the transport. What it returns is the backpressure. */
export type SendRecords = (records: Bytes[]) => Promise<void> | void;

/** A write that has been handed to the transport. */
export interface Handed {
  /** Resolves when the transport has taken it. */
  readonly taken: Promise<void>;
}

export interface HandOptions {
  /** Of unprotected records; a first ClientHello has an older one (RFC 8446 §5.1). */
  readonly version?: number | undefined;
  /**
   * Makes the sealer for what follows, before anything else is sealed: an alert in between would go
   * out under a key that the server no longer reads with.
   */
  readonly andThen?: () => Promise<RecordSealer>;
  /** Whether it goes out together with what is handed next, not before. Default: false. */
  readonly waits?: boolean;
}

/** What a caller asks of the records sent; all may be left out. */
export type RecordSizes = Pick<RecordOptions, "maxFragmentSize" | "recordPadding">;

export class RecordWriter {
  readonly #send: SendRecords;
  readonly #trace: Trace | undefined;
  /** Longest content of a record, in bytes, and the longest with its padding. */
  #maxFragment: number;
  #maxPadded = maxFragment;
  readonly #multiple: number;
  #sealer: RecordSealer | undefined;
  #isClosed = false;
  #records = 0;
  #bytes = 0;
  /** Sealed, and to go out with what comes next. */
  #waiting: Bytes[] = [];
  /** All that was begun before, up to its handing over: nothing overtakes anything. */
  #queue: Promise<unknown> = Promise.resolve();
  /** The writes that have not handed over their last records: resolves when they have. */
  #handing: Promise<void> | undefined;

  /** @param trace is told what goes out, but for application data. */
  constructor(send: SendRecords, trace?: Trace, sizes: RecordSizes = {}) {
    this.#send = send;
    this.#trace = trace;
    this.#maxFragment = sizes.maxFragmentSize ?? maxFragment;
    this.#multiple = sizes.recordPadding ?? 1;
  }

  /**
   * Limits the content of records from now on to what the server takes (RFC 8449 §4).
   *
   * @param size in bytes; in TLS 1.3 without the type.
   */
  limitTo(size: number): void {
    this.#maxFragment = Math.min(this.#maxFragment, size);
    this.#maxPadded = Math.min(this.#maxPadded, size);
  }

  /** The records given to the transport. */
  get count(): RecordCount {
    return { records: this.#records, bytes: this.#bytes };
  }

  /** How many more records the key is good for; without a key, any number. */
  get remaining(): number {
    return this.#sealer?.remaining ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Sends content of one type as one or more records, and resolves when the transport has taken
   * them. Of writes at once, the next is protected while the transport is taking the one before.
   *
   * @throws TlsError `configuration/invalid-state` after {@link close}.
   */
  async write(type: number, content: readonly Uint8Array[]): Promise<void> {
    const fragments = cutFragments(content, this.#maxFragment);
    const before = this.#handing;
    const handing = before
      ? before.then(() => this.#handAll(type, fragments))
      : this.#handAll(type, fragments);
    const handed = () => {
      if (this.#handing === settled) this.#handing = undefined;
    };
    const settled = handing.then(handed, handed);
    this.#handing = settled;
    const { taken } = await handing;
    await taken;
  }

  /** In batches, each after the transport has taken the one before. */
  async #handAll(type: number, fragments: Uint8Array[]): Promise<Handed> {
    for (let start = 0; ; start += recordBatch) {
      const batch = fragments.slice(start, start + recordBatch);
      const handed = await this.#enqueue(() => this.#hand(type, batch));
      if (start + recordBatch >= fragments.length) return handed;
      await handed.taken;
    }
  }

  /**
   * Hands one message to the transport and does not wait for it to be taken: the handshake, alerts
   * and key changes must not hang on a transport that has stopped sending.
   *
   * @throws TlsError `configuration/invalid-state` after {@link close}.
   */
  hand(type: number, content: Uint8Array, options: HandOptions = {}): Promise<Handed> {
    const { andThen } = options;
    return this.#enqueue(async () => {
      const handed = await this.#hand(type, cutFragments([content], this.#maxFragment), options);
      if (type !== contentType.applicationData) this.#trace?.(sentContent(type, content));
      if (andThen !== undefined) this.#sealer = await andThen();
      return handed;
    });
  }

  /** Changes the key for all that is written from now on. @param sealer undefined for none. */
  changeKey(sealer: RecordSealer | undefined): Promise<void> {
    return this.#enqueue(async () => {
      this.#sealer = sealer;
    });
  }

  /** Nothing is written any more but what has been begun. */
  close(): void {
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      return Promise.reject(
        new TlsError("configuration/invalid-state", "The connection's sending side is closed."),
      );
    }
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #hand(
    type: number,
    fragments: Uint8Array[],
    { version, waits }: HandOptions = {},
  ): Promise<Handed> {
    const records = await Promise.all(fragments.map((part) => this.#seal(type, part, version)));
    const pieces = records.flat();
    this.#records += records.length;
    this.#bytes += pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#waiting.push(...pieces);
    if (waits) return { taken: Promise.resolve() };
    const taken = Promise.resolve(this.#send(this.#waiting.splice(0)));
    // Whoever waits for it sees the failure; nobody has to wait.
    taken.catch(() => {});
    return { taken };
  }

  async #seal(type: number, fragment: Uint8Array, version?: number): Promise<Bytes[]> {
    if (this.#sealer !== undefined) {
      return this.#sealer.seal(type, fragment, this.#paddingFor(fragment.length));
    }
    return [recordHeader(type, fragment.length, version), fragment.slice()];
  }

  /** Up to a multiple of what is asked, the type included (RFC 8446 §5.4). */
  #paddingFor(length: number): number {
    const padded = Math.ceil((length + 1) / this.#multiple) * this.#multiple - 1;
    return Math.min(padded, this.#maxPadded) - length;
  }
}

/** Content in pieces of a length at most: long chunks by reference, short ones joined. */
function cutFragments(content: readonly Uint8Array[], most: number): Uint8Array[] {
  const fragments: Uint8Array[] = [];
  let short: Uint8Array[] = [];
  let shortLength = 0;
  const flush = () => {
    const [first] = short;
    if (first === undefined) return;
    fragments.push(short.length === 1 ? first : concat(...short));
    short = [];
    shortLength = 0;
  };
  for (const chunk of content) {
    for (let start = 0; start < chunk.length; start += most) {
      const part = chunk.subarray(start, start + most);
      if (shortLength + part.length > most) flush();
      short.push(part);
      shortLength += part.length;
    }
  }
  flush();
  return fragments;
}
