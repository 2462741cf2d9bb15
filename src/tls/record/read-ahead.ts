/**
 * Records that others decrypt while the next ones are read. Everything else about them is as before:
 * they are accepted one after another, and what is no application data is opened here in its turn.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { recordBatch } from "../limits.ts";
import { contentType } from "../messages/registry.ts";
import { enoughForJob, leastJob, mostAhead, mostTaken, partOverhead } from "./ahead-limits.ts";
import { cut, type DecryptedRun, type Decrypter, type Protection } from "./decryption.ts";
import type { RawRecord } from "./deframer.ts";
import { badMac, type RecordOpener } from "./protection.ts";
import type { Opened, OpenedAhead, RecordReader } from "./reader.ts";
import { type FoundRecords, RecordQueue } from "./record-queue.ts";

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
  /** Of each record, in bytes. */
  readonly sizes: number[];
  weight: number;
}

/** What becomes of records that were taken together. */
interface Batch {
  readonly weight: number;
  readonly items: Promise<Item[]>;
}

export class ReadAhead implements OpenedAhead {
  readonly #reader: RecordReader;
  readonly #decrypter: Decrypter;
  readonly #soon: (callback: () => void) => void;
  /** What has come and is for no job yet. */
  readonly #queue = new RecordQueue();
  #gathered: Gathered | undefined;
  /** The last job that a moment's end finishes. */
  #timed: Gathered | undefined;
  /** In order, from the next one on. */
  readonly #batches: Batch[] = [];
  /** Of the batch that has its turn. */
  #items: Item[] = [];
  /** Of what has been taken and has not had its turn: its bytes, and what else its parts take. */
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
    this.#queue.push(this.#reader.deframer.handOver());
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
    const { deframer } = this.#reader;
    try {
      for (;;) {
        const found = this.#queue.find(mostTaken, deframer.maxLength);
        if (found !== undefined) {
          this.#accept(found);
          await this.#untilRoom();
          continue;
        }
        const chunk = await deframer.inflow.pull();
        if (chunk === undefined) break;
        this.#queue.push(chunk);
      }
      this.#finishJob();
      this.#add(0, Promise.resolve([]));
    } catch (error) {
      this.#finishJob();
      this.#add(0, Promise.reject(error));
    }
  }

  async #untilRoom(): Promise<void> {
    while (this.#weight >= mostAhead) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** Gathers records for a job; what is for none is a batch of its own. */
  #accept({ sizes, isData }: FoundRecords): void {
    const { opener } = this.#reader;
    const protection = opener && protectionOf(opener);
    const length = sum(sizes);
    const isForJob = isData && (this.#weight > 0 || length >= leastJob);
    if (!isForJob || this.#gathered?.opener !== opener) this.#finishJob();
    const pieces = this.#queue.take(length);
    const weight = length + (sizes.length + pieces.length) * partOverhead;
    if (opener && protection && isForJob) {
      const ahead = this.#taken - this.#reader.count.records;
      const sequence = opener.sequence.peek(ahead);
      this.#gathered ??= { opener, protection, sequence, pieces: [], sizes: [], weight: 0 };
      this.#gathered.pieces.push(...pieces);
      this.#gathered.sizes.push(...sizes);
      this.#gathered.weight += weight;
    } else {
      this.#openHere(weight, pieces);
    }
    this.#taken += sizes.length;
    this.#weight += weight;
    this.#finishSoon();
  }

  #finishSoon(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    if (gathered.weight >= enoughForJob) {
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
    const { pieces, sizes, weight } = gathered;
    if (sum(sizes) < leastJob) this.#openHere(weight, pieces);
    else this.#add(weight, this.#decrypt(gathered));
  }

  /** Leaves records to be opened in their turn, in memory that does not go away with a job. */
  #openHere(weight: number, pieces: readonly Bytes[]): void {
    const items = [...cut([concat(...pieces)])].map((raw) => ({ raw }));
    this.#add(weight, Promise.resolve(items));
  }

  async #decrypt(gathered: Gathered): Promise<Item[]> {
    const { opener, protection, sequence, sizes } = gathered;
    const isKnown = opener === this.#known;
    this.#known = opener;
    const job = { sequence, pieces: this.#queue.detach(gathered.pieces) };
    const runs = await this.#decrypter.decrypt(isKnown ? job : { ...job, protection });
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

/** @param sizes of the records, in bytes. */
function itemsOf(
  runs: readonly DecryptedRun[],
  sizes: readonly number[],
  by: RecordOpener,
): Item[] {
  let at = 0;
  return runs.flatMap((run): Item[] => {
    if ("refused" in run) {
      const records = [...cut([run.refused])];
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
