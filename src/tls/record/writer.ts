/**
 * Records sent: cut to size, protected, and handed over in the order they were written.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { maxFragment, recordBatch } from "../limits.ts";
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
}

export class RecordWriter {
  readonly #send: SendRecords;
  readonly #trace: Trace | undefined;
  #sealer: RecordSealer | undefined;
  #isClosed = false;
  /** All that was begun before, up to its handing over: nothing overtakes anything. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param trace is told what goes out, but for application data. */
  constructor(send: SendRecords, trace?: Trace) {
    this.#send = send;
    this.#trace = trace;
  }

  /** How many more records the key is good for; without a key, any number. */
  get remaining(): number {
    return this.#sealer?.remaining ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Sends content of one type as one or more records, and resolves when the transport has taken
   * them. The records of two writes at once may mix: application data needs one writer at a time.
   *
   * @throws TlsError `configuration/invalid-state` after {@link close}.
   */
  async write(type: number, content: readonly Uint8Array[]): Promise<void> {
    const fragments = cutFragments(content);
    for (let start = 0; start < fragments.length; start += recordBatch) {
      const batch = fragments.slice(start, start + recordBatch);
      const { taken } = await this.#enqueue(() => this.#hand(type, batch));
      await taken;
    }
  }

  /**
   * Hands one message to the transport and does not wait for it to be taken: the handshake, alerts
   * and key changes must not hang on a transport that has stopped sending.
   *
   * @throws TlsError `configuration/invalid-state` after {@link close}.
   */
  hand(type: number, content: Uint8Array, { version, andThen }: HandOptions = {}): Promise<Handed> {
    return this.#enqueue(async () => {
      const handed = await this.#hand(type, cutFragments([content]), version);
      this.#trace?.(sentContent(type, content));
      if (andThen !== undefined) this.#sealer = await andThen();
      return handed;
    });
  }

  /** Changes the key for all that is written from now on. */
  changeKey(sealer: RecordSealer): Promise<void> {
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

  async #hand(type: number, fragments: Uint8Array[], version?: number): Promise<Handed> {
    const records = await Promise.all(fragments.map((part) => this.#seal(type, part, version)));
    const taken = Promise.resolve(this.#send(records.flat()));
    // Whoever waits for it sees the failure; nobody has to wait.
    taken.catch(() => {});
    return { taken };
  }

  async #seal(type: number, fragment: Uint8Array, version?: number): Promise<Bytes[]> {
    if (this.#sealer !== undefined) return this.#sealer.seal(type, fragment);
    return [recordHeader(type, fragment.length, version), fragment.slice()];
  }
}

/** Content in pieces of at most 2^14 bytes: long chunks by reference, short ones joined. */
function cutFragments(content: readonly Uint8Array[]): Uint8Array[] {
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
    for (let start = 0; start < chunk.length; start += maxFragment) {
      const part = chunk.subarray(start, start + maxFragment);
      if (shortLength + part.length > maxFragment) flush();
      short.push(part);
      shortLength += part.length;
    }
  }
  flush();
  return fragments;
}
