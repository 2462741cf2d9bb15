/**
 * Records that others decrypt while the next ones are read. Everything else about them is as before:
 * they are accepted one after another, and what is no application data is opened here in its turn.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { recordBatch } from "../limits.ts";
import { contentType } from "../messages/registry.ts";
import { enoughForJob, leastJob, mostAhead, mostTaken, recordOverhead } from "./ahead-limits.ts";
import { cut, type DecryptedRun, type Decrypter, type Protection, whole } from "./decryption.ts";
import type { RawRecord } from "./deframer.ts";
import { badMac, type RecordOpener } from "./protection.ts";
import type { Opened, OpenedAhead, RecordReader } from "./reader.ts";
import { giveBuffer } from "./spare-buffers.ts";

/** A record that came back as it came, or one or more that were decrypted. */
interface Item {
  readonly raw?: RawRecord;
  opened?: Opened;
  /** What opened it. */
  by?: RecordOpener | undefined;
}

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
  /** By `weigh`. */
  readonly weight: number;
  readonly items: Promise<Item[]>;
}

export class ReadAhead implements OpenedAhead {
  readonly #reader: RecordReader;
  readonly #decrypter: Decrypter;
  readonly #soon: (callback: () => void) => void;
  #gathered: Gathered | undefined;
  /** The last job that a moment's end finishes. */
  #timed: Gathered | undefined;
  /** In order, from the next one on. */
  readonly #batches: Batch[] = [];
  /** Of the batch that has its turn. */
  #items: Item[] = [];
  /** Of what has been taken and has not had its turn, by `weigh`. */
  #weight = 0;
  /** How many records have been given out or have been taken to be, counted as the reader counts. */
  #taken = 0;
  /** Whose key the decrypter has. */
  #known: RecordOpener | undefined;
  /** How many records to open here together, which may have to be opened again if the key changes. */
  #together = 1;
  #isReading = false;
  #isOver = false;
  #wakeReader = () => {};
  #wakeTaker = () => {};

  /** @param soon calls back after a moment: so long, records wait for others to be decrypted with. */
  constructor(reader: RecordReader, decrypter: Decrypter, soon: (callback: () => void) => void) {
    this.#reader = reader;
    this.#decrypter = decrypter;
    this.#soon = soon;
  }

  async take(): Promise<Opened[]> {
    // Not earlier: until now, the reader took from where this does.
    if (!this.#isReading) this.#begin();
    if (this.#items.length === 0 && !this.#isOver) this.#items = await this.#nextBatch();
    if (this.#items.length === 0) this.#isOver = true;
    await this.#openNext();
    return this.#giveOut();
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
    const { weight, items } = this.#batches.shift() as Batch;
    const ready = await items;
    this.#weight -= weight;
    this.#wakeReader();
    return ready;
  }

  /** Sees to it that the next item has been opened with the key that counts now. */
  async #openNext(): Promise<void> {
    const { opener } = this.#reader;
    const [next] = this.#items;
    if (next === undefined || next.by === opener) return;
    if (next.raw === undefined) {
      // The server went on with its old key after it had said that it changes it: under the new one,
      // what the old one protects can't be authentic (RFC 8446 §4.6.3).
      next.opened = { count: { records: 1, bytes: 0 }, result: badMac() };
      next.by = opener;
      return;
    }
    // As the reader does, for a server that changes its key all the time.
    this.#together = next.by === undefined ? Math.min(this.#together * 2, recordBatch) : 1;
    const end = this.#items.findIndex(({ raw }) => raw === undefined);
    const leading = this.#items.slice(0, Math.min(end < 0 ? mostTaken : end, this.#together));
    const opened = await Promise.all(
      leading.map(({ raw }, ahead) => this.#reader.open(raw as RawRecord, ahead)),
    );
    for (const [index, item] of leading.entries()) {
      const { count, result } = opened[index] as Opened;
      item.opened = { count, result };
      item.by = opener;
    }
  }

  /** What the key for now has opened, up to anything that may change the key. */
  #giveOut(): Opened[] {
    const { opener } = this.#reader;
    const given: Opened[] = [];
    for (const { opened, by } of this.#items) {
      if (opened === undefined || by !== opener) break;
      given.push(opened);
      const { result } = opened;
      if (!("type" in result) || result.type !== contentType.applicationData) break;
    }
    this.#items.splice(0, given.length);
    return given;
  }

  async #read(): Promise<void> {
    try {
      let records: RawRecord[];
      do {
        records = await this.#reader.deframer.take(mostTaken);
        // They are in no memory of others from here on.
        this.#accept(records);
        while (this.#weight >= mostAhead) {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      } while (records.length > 0);
    } catch (error) {
      this.#finishJob();
      this.#add(0, Promise.reject(error));
    }
  }

  /** Gathers records for a job; what is for none is a batch of its own, and none is the end. */
  #accept(records: readonly RawRecord[]): void {
    const { opener } = this.#reader;
    const protection = opener && protectionOf(opener);
    const weight = sum(records.map(weigh));
    const isAlone = this.#weight === 0 && weight < leastJob;
    const isData = records.length > 0 && records.every(isProtectedData);
    if (this.#gathered?.opener !== opener) this.#finishJob();
    if (opener && protection && isData && !isAlone) {
      const ahead = this.#taken - this.#reader.count.records;
      const sequence = opener.sequence.peek(ahead);
      this.#gathered ??= { opener, protection, sequence, pieces: [], lent: [], sizes: [] };
      this.#gather(records, this.#gathered);
    } else {
      this.#finishJob();
      this.#add(weight, Promise.resolve(records.map(copy)));
    }
    this.#taken += records.length;
    this.#weight += weight;
    this.#finishSoon();
  }

  /** Adds records, in memory that can be given away: what lies in memory of others is copied. */
  #gather(records: readonly RawRecord[], { pieces, lent, sizes }: Gathered): void {
    const own = this.#reader.deframer.handOver();
    const buffers = [own.chunk, ...own.lent].map((bytes) => bytes?.buffer);
    for (const piece of inPieces(records)) {
      pieces.push(buffers.includes(piece.buffer) ? piece : piece.slice());
    }
    lent.push(...own.lent.map(({ buffer }) => buffer));
    sizes.push(...records.map((record) => whole(record).length));
  }

  #finishSoon(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    if (weightOf(gathered) >= enoughForJob) {
      this.#finishJob();
    } else if (gathered !== this.#timed) {
      // Once for each job: a timer for each message takes longer than to decrypt some of it.
      this.#timed = gathered;
      this.#soon(() => gathered === this.#gathered && this.#finishJob());
    }
  }

  #finishJob(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    this.#gathered = undefined;
    this.#add(weightOf(gathered), this.#decrypt(gathered));
  }

  async #decrypt(gathered: Gathered): Promise<Item[]> {
    const { opener, protection, sizes, ...rest } = gathered;
    const isKnown = opener === this.#known;
    this.#known = opener;
    const { runs, lent } = await this.#decrypter.decrypt(isKnown ? rest : { ...rest, protection });
    for (const buffer of lent) giveBuffer(new Uint8Array(buffer));
    return itemsOf(runs, sizes, opener);
  }

  #add(weight: number, items: Promise<Item[]>): void {
    // Whoever takes it sees why it failed; on a connection that is over nobody does.
    items.catch(() => {});
    this.#batches.push({ weight, items });
    this.#wakeTaker();
  }
}

/** What others need to decrypt; undefined where a library has the key. */
export function protectionOf({ version, traffic }: RecordOpener): Protection | undefined {
  const { aead, iv, key } = traffic;
  return key.handle && { version, aead, iv, handle: key.handle };
}

/** With the version that all of them carry. */
function isProtectedData({ header: [type, major, minor] }: RawRecord): boolean {
  return type === contentType.applicationData && major === 3 && minor === 3;
}

/** In bytes, with what it takes besides its own. */
function weigh(record: RawRecord): number {
  return whole(record).length + recordOverhead;
}

function weightOf({ sizes }: Gathered): number {
  return sum(sizes) + sizes.length * recordOverhead;
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
  const [raw] = cut(whole(record).slice());
  return { raw: raw as RawRecord };
}

/** @param sizes of the records, in bytes. */
function itemsOf(
  runs: readonly DecryptedRun[],
  sizes: readonly number[],
  by: RecordOpener,
): Item[] {
  let at = 0;
  return runs.flatMap((run): Item[] => {
    if ("refused" in run) {
      const records = cut(run.refused);
      at += records.length;
      return records.map((raw) => ({ raw }));
    }
    const bytes = sum(sizes.slice(at, at + run.records));
    at += run.records;
    const result = { type: contentType.applicationData, fragment: run.data, isProtected: true };
    return [{ opened: { count: { records: run.records, bytes }, result }, by }];
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
