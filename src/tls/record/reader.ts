/**
 * Records received, in the clear and in order.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import { recordBatch } from "../limits.ts";
import { contentType, hex, wireVersion } from "../messages/registry.ts";
import type { RecordCount } from "../statistics.ts";
import type { Deframer, RawRecord } from "./deframer.ts";
import type { RecordBoundary } from "./handshake-joiner.ts";
import type { PlainRecord, RecordOpener } from "./protection.ts";

/** One or more records, taken ahead of their turn, and what became of them. */
export interface Opened {
  /** As they came, where they can still be decrypted again. */
  readonly raw?: RawRecord;
  readonly count: RecordCount;
  readonly result: PlainRecord | TlsError;
}

/** Where records come from once others decrypt them. */
export interface OpenedAhead {
  /**
   * The next ones, at least one; an empty list when the transport has ended. What may change the key
   * is the last of a list, and none is given with its {@link Opened.raw}.
   */
  take(): Promise<Opened[]>;
}

export class RecordReader {
  /**
   * One record at a time during a handshake, where the key may change after any; many afterwards,
   * since most platforms decrypt in parallel.
   */
  #maxBatch = 1;
  /**
   * Whether a change_cipher_spec passes unprotected beside protected records, as TLS 1.3 allows
   * until the handshake is done (RFC 8446 §5).
   */
  passesChangeCipherSpec = false;

  /** Once it is set, records come from there. It leaves the deframer alone until it is first asked. */
  ahead: OpenedAhead | undefined;
  readonly deframer: Deframer;
  #opener: RecordOpener | undefined;
  /** Longest content of a protected record, in bytes. */
  #limit = Number.POSITIVE_INFINITY;
  #opened: Opened[] = [];
  #records = 0;
  #bytes = 0;
  /**
   * How many records to decrypt together now. What was decrypted ahead of a key change was work for
   * nothing, so it begins anew with one and doubles: a server that changes its key all the time
   * can't have every record decrypted many times over.
   */
  #batch = 1;

  constructor(deframer: Deframer) {
    this.deframer = deframer;
  }

  /** Of the key for now. */
  get opener(): RecordOpener | undefined {
    return this.#opener;
  }

  /** The records that {@link next} has given out. */
  get count(): RecordCount {
    return { records: this.#records, bytes: this.#bytes };
  }

  /**
   * The next record; undefined when the transport has ended.
   *
   * @throws TlsError any `record/` code, when the turn of the bad record comes.
   */
  async next(): Promise<PlainRecord | undefined> {
    if (this.#opened.length === 0) this.#opened = await (this.ahead?.take() ?? this.#take());
    return this.nextOpened();
  }

  /** The same where it is ready; undefined where it is not, without a turn for others in between. */
  nextOpened(): PlainRecord | undefined {
    const opened = this.#opened.shift();
    if (opened === undefined) return undefined;
    if (opened.result instanceof TlsError) throw opened.result;
    const { records, bytes } = opened.count;
    this.#records += records;
    this.#bytes += bytes;
    if (opened.result.isProtected) this.#opener?.sequence.skip(records);
    return opened.result;
  }

  /**
   * The handshake is over: from here on come protected records, most of them application data.
   *
   * @param maxBatch how many to decrypt together at the most.
   */
  beginTraffic(maxBatch: number = recordBatch): void {
    this.#maxBatch = maxBatch;
    this.deframer.reusesMemory = true;
    // It is an error from here on (RFC 8446 §5).
    this.passesChangeCipherSpec = false;
  }

  /**
   * Changes the key. What was decrypted ahead with the old one is decrypted again; where records come
   * from {@link ahead}, that sees to it.
   *
   * @param _boundary proof that no handshake message spans the change (RFC 8446 §5.1).
   */
  changeKey(opener: RecordOpener, _boundary: RecordBoundary): void {
    this.#opener = opener;
    this.#limitDeframer();
    this.deframer.giveBack(this.#opened.flatMap(({ raw }) => raw ?? []));
    this.#opened = [];
    this.#batch = 1;
  }

  /**
   * Limits what protected records may hold from now on (RFC 8449 §4). Longer ones are refused by their
   * header.
   *
   * @param size in bytes; in TLS 1.3 with the type and the padding.
   */
  limitTo(size: number): void {
    this.#limit = size;
    this.#limitDeframer();
  }

  #limitDeframer(): void {
    if (this.#opener === undefined) return;
    const { maxLength, expansion } = this.#opener;
    this.deframer.maxLength = Math.min(maxLength, this.#limit + expansion);
  }

  async #take(): Promise<Opened[]> {
    const records = await this.deframer.take(Math.min(this.#batch, this.#maxBatch));
    this.#batch = Math.min(this.#batch * 2, this.#maxBatch);
    return Promise.all(records.map((raw, ahead) => this.open(raw, ahead)));
  }

  /** Opens the record that stands `ahead` records behind the last one that was given out. */
  async open(raw: RawRecord, ahead: number): Promise<Opened> {
    const count = { records: 1, bytes: raw.header.length + raw.fragment.length };
    return { raw, count, result: await this.#decrypt(raw, ahead) };
  }

  #decrypt(
    raw: RawRecord,
    ahead: number,
  ): Promise<PlainRecord | TlsError> | PlainRecord | TlsError {
    const passes = this.passesChangeCipherSpec && raw.type === contentType.changeCipherSpec;
    if (this.#opener !== undefined && !passes) {
      return wrongVersion(raw) ?? this.#opener.open(raw, ahead);
    }
    return { type: raw.type, fragment: raw.fragment, isProtected: false };
  }
}

/**
 * TLS 1.2 has its version in the header (RFC 5246 §6.2.1), and TLS 1.3 the same number. RFC 8446 §5.1
 * has it ignored there; BoringSSL does not, so no server that a browser can talk to sends another.
 */
function wrongVersion({ header }: RawRecord): TlsError | undefined {
  const [, major = 0, minor = 0] = header;
  const version = major * 256 + minor;
  if (version === wireVersion.tls12) return undefined;
  return new TlsError(
    "record/malformed",
    `The server sent a protected record of version ${hex(version)}, where 0x0303 is due.`,
  );
}
