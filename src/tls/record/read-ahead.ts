/**
 * Records that others decrypt while the next ones are read. Everything else about them is as before:
 * they are accepted one after another, and what is no application data is opened here in its turn.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { contentType } from "../messages/registry.ts";
import { enoughForJob, leastJob, mostAhead, mostTaken } from "./ahead-limits.ts";
import { cut, type DecryptedRun, type Decrypter, type Protection, whole } from "./decryption.ts";
import type { RawRecord } from "./deframer.ts";
import type { RecordOpener } from "./protection.ts";
import type { Opened, OpenedAhead, RecordReader } from "./reader.ts";
import { giveBuffer } from "./spare-buffers.ts";

/** What is done, or a record that is to be opened when all before it have been accepted. */
type Item = Opened | { readonly raw: RawRecord };

/** Records that become one job, with consecutive sequence numbers. */
interface Gathered {
  readonly opener: RecordOpener;
  readonly protection: Protection;
  readonly sequence: number;
  readonly pieces: Bytes[];
  readonly lent: ArrayBuffer[];
  /** Of each record, in bytes. */
  readonly sizes: number[];
}

/** What becomes of records that were taken together. */
interface Batch {
  /** In bytes. */
  readonly size: number;
  readonly items: Promise<Item[]>;
}

export class ReadAhead implements OpenedAhead {
  readonly #reader: RecordReader;
  readonly #decrypter: Decrypter;
  readonly #soon: (callback: () => void) => void;
  #gathered: Gathered | undefined;
  /** In order, from the next one on. */
  readonly #batches: Batch[] = [];
  /** Of the batch that has its turn. */
  #items: Item[] = [];
  /** Bytes that have been taken, and not been given out. */
  #size = 0;
  /** How many records have been given out or are to be, counted as the reader counts. */
  #taken = 0;
  /** Whose key the decrypter has. */
  #known: RecordOpener | undefined;
  #isReading = false;
  #wakeReader = () => {};
  #wakeTaker = () => {};

  /** @param soon calls back after a moment: so long, records wait for others to be decrypted with. */
  constructor(reader: RecordReader, decrypter: Decrypter, soon: (callback: () => void) => void) {
    this.#reader = reader;
    this.#decrypter = decrypter;
    this.#soon = soon;
  }

  async take(): Promise<Opened[]> {
    // Not earlier: until now, others took from where this does.
    if (!this.#isReading) this.#begin();
    if (this.#items.length === 0) this.#items = await this.#nextBatch();
    const item = this.#items.shift();
    if (item === undefined) return [];
    return ["result" in item ? item : await this.#reader.open(item.raw, 0)];
  }

  #begin(): void {
    this.#isReading = true;
    this.#taken = this.#reader.count.records;
    void this.#read();
  }

  async #nextBatch(): Promise<Item[]> {
    while (this.#batches.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    const { size, items } = this.#batches.shift() as Batch;
    const ready = await items;
    this.#size -= size;
    this.#wakeReader();
    return ready;
  }

  async #read(): Promise<void> {
    try {
      let records: RawRecord[];
      do {
        records = await this.#reader.deframer.take(mostTaken);
        // They are in no memory of others from here on.
        this.#accept(records);
        if (this.#size < mostAhead) continue;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      } while (records.length > 0);
    } catch (error) {
      this.#finishJob();
      this.#add(0, Promise.reject(error));
    }
  }

  /** Gathers records for a job; what is for none is a batch of its own, and none is the end. */
  #accept(records: readonly RawRecord[]): void {
    const opener = this.#reader.opener;
    const protection = opener && protectionOf(opener);
    const sizes = records.map((record) => whole(record).length);
    const isAlone = this.#size === 0 && sum(sizes) < leastJob;
    const isData = records.length > 0 && records.every(isProtectedData);
    if (this.#gathered?.opener !== opener) this.#finishJob();
    if (opener && protection && isData && !isAlone) {
      const ahead = this.#taken - this.#reader.count.records;
      const sequence = opener.sequence.peek(ahead);
      this.#gathered ??= { opener, protection, sequence, pieces: [], lent: [], sizes: [] };
      this.#detach(records, this.#gathered);
      this.#gathered.sizes.push(...sizes);
    } else {
      this.#finishJob();
      this.#add(sum(sizes), Promise.resolve(records.map(copy)));
    }
    this.#taken += records.length;
    this.#size += sum(sizes);
    this.#finishSoon();
  }

  /** Adds the records, in memory that can be given away: what lies in memory of others is copied. */
  #detach(records: readonly RawRecord[], { pieces, lent }: Gathered): void {
    const own = this.#reader.deframer.handOver();
    const buffers = [own.chunk, ...own.lent].map((bytes) => bytes?.buffer);
    for (const piece of inPieces(records)) {
      pieces.push(buffers.includes(piece.buffer) ? piece : piece.slice());
    }
    lent.push(...own.lent.map(({ buffer }) => buffer));
  }

  #finishSoon(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    if (sum(gathered.sizes) >= enoughForJob) this.#finishJob();
    else this.#soon(() => gathered === this.#gathered && this.#finishJob());
  }

  #finishJob(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    this.#gathered = undefined;
    this.#add(sum(gathered.sizes), this.#decrypt(gathered));
  }

  async #decrypt({ opener, protection, sizes, ...rest }: Gathered): Promise<Item[]> {
    const isKnown = opener === this.#known;
    this.#known = opener;
    const { runs, lent } = await this.#decrypter.decrypt(isKnown ? rest : { ...rest, protection });
    for (const buffer of lent) giveBuffer(new Uint8Array(buffer));
    return itemsOf(runs, [...sizes]);
  }

  #add(size: number, items: Promise<Item[]>): void {
    // Whoever takes it sees why it failed; on a connection that is over nobody does.
    items.catch(() => {});
    this.#batches.push({ size, items });
    this.#wakeTaker();
  }
}

/** Undefined where a library has the key. */
function protectionOf({ version, traffic }: RecordOpener): Protection | undefined {
  const { aead, iv, key } = traffic;
  return key.handle && { version, aead, iv, handle: key.handle };
}

/** With the version that all of them carry. */
function isProtectedData({ header: [type, major, minor] }: RawRecord): boolean {
  return type === contentType.applicationData && major === 3 && minor === 3;
}

/** Neighbours in memory in one piece. */
function inPieces(records: readonly RawRecord[]): Bytes[] {
  const pieces: Bytes[] = [];
  for (const record of records) {
    const bytes = whole(record);
    const { buffer, byteOffset, length } = bytes;
    const last = pieces.at(-1);
    if (last?.buffer === buffer && last.byteOffset + last.length === byteOffset) {
      pieces[pieces.length - 1] = new Uint8Array(buffer, last.byteOffset, last.length + length);
    } else {
      pieces.push(bytes);
    }
  }
  return pieces;
}

function copy(record: RawRecord): Item {
  return asItem(whole(record).slice());
}

/** @param bytes a whole record. */
function asItem(bytes: Bytes): Item {
  const [raw] = cut(bytes);
  return { raw: raw as RawRecord };
}

/** @param sizes of the records, in bytes; used up. */
function itemsOf(runs: readonly DecryptedRun[], sizes: number[]): Item[] {
  return runs.map((run) => {
    if ("record" in run) {
      sizes.shift();
      return asItem(run.record);
    }
    const bytes = sum(sizes.splice(0, run.records));
    const result = { type: contentType.applicationData, fragment: run.data, isProtected: true };
    return { count: { records: run.records, bytes }, result };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
