/**
 * Decrypting many records of application data away from their connection: what it takes goes there,
 * and what becomes of it comes back, as values that another thread can be sent.
 *
 * It judges nothing. What it can't decrypt, and what is no application data, comes back as it came,
 * for the connection to open in its turn: there alone is it known which key that calls for, and
 * which error.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { AeadKey, AeadName } from "../../crypto/provider.ts";
import { contentType } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { RawRecord } from "./deframer.ts";
import { headerLength } from "./header.ts";
import type { RecordOpener } from "./protection.ts";
import { Opener12 } from "./protection12.ts";
import { Opener13 } from "./protection13.ts";
import { RecordQueue } from "./record-queue.ts";
import { giveBuffer, takeBuffer } from "./spare-buffers.ts";

/** What records are opened with. The key itself never becomes visible. */
export interface Protection {
  readonly version: ProtocolVersionName;
  readonly aead: AeadName;
  readonly handle: CryptoKey;
  readonly iv: Bytes;
}

/** Records with consecutive sequence numbers. */
export interface DecryptionJob {
  /** Where it differs from that of the job before. */
  readonly protection?: Protection;
  /** The first record's number. */
  readonly sequence: number;
  /** Whole records, one behind another, which may span pieces. Their buffers go along, whole. */
  readonly pieces: readonly Bytes[];
}

/** Some records in a row: their data, joined, or whole records as they came. */
export type DecryptedRun =
  | { readonly records: number; readonly data: Bytes }
  | { readonly refused: Bytes };

/** Has decrypted, at some other place, what one connection receives. */
export interface Decrypter {
  /** What became of the records, in their order, each run in a buffer of its own. */
  decrypt(job: DecryptionJob): Promise<readonly DecryptedRun[]>;
}

type KeyOf = (aead: AeadName, handle: CryptoKey) => AeadKey;

/** The other place. */
export class Decryption {
  readonly #keyOf: KeyOf;
  readonly #discard: (chunks: readonly Bytes[]) => void;
  #opener: RecordOpener | undefined;

  /**
   * @param keyOf the platform's key behind a handle.
   * @param discard takes memory that nothing refers to any more.
   */
  constructor(keyOf: KeyOf, discard: (chunks: readonly Bytes[]) => void) {
    this.#keyOf = keyOf;
    this.#discard = discard;
  }

  async decrypt({ protection, sequence, pieces }: DecryptionJob): Promise<DecryptedRun[]> {
    if (protection !== undefined) this.#opener = openerOf(protection, this.#keyOf);
    const borrowed: Bytes[] = [];
    const records = [...cut(pieces, borrowed)];
    const opened = await Promise.all(
      records.map((record, index) => dataIn(record, sequence + index, this.#opener)),
    );
    const runs = [...runsOf(records, opened)];
    for (const buffer of borrowed) giveBuffer(buffer);
    this.#discard([...pieces, ...opened.filter((content) => content !== undefined)]);
    return runs;
  }
}

/** Neighbours that met with the same become one run. */
function* runsOf(
  records: readonly RawRecord[],
  contents: readonly (Bytes | undefined)[],
): Generator<DecryptedRun> {
  for (let from = 0, to = 0; from < records.length; from = to) {
    const isData = contents[from] !== undefined;
    while (to < records.length && (contents[to] !== undefined) === isData) to++;
    const data = contents.slice(from, to).filter((content) => content !== undefined);
    if (isData) yield { records: data.length, data: concat(...data) };
    else yield { refused: concat(...records.slice(from, to).map(whole)) };
  }
}

/** A record's header and fragment, which lie one behind the other. */
function whole({ header, fragment }: RawRecord): Bytes {
  return new Uint8Array(header.buffer, header.byteOffset, header.length + fragment.length);
}

/**
 * Whole records, one behind another, which may span pieces: those alone are copied.
 *
 * @param borrowed gets the spare buffers that they are in.
 */
export function* cut(pieces: readonly Bytes[], borrowed: Bytes[] = []): Generator<RawRecord> {
  const queue = new RecordQueue();
  for (const piece of pieces) queue.push(piece);
  for (;;) {
    const found = queue.find(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    if (found === undefined) return;
    for (const size of found.sizes) {
      const bytes = joined(queue.take(size), size, borrowed);
      const [type = 0] = bytes;
      yield {
        type,
        header: bytes.subarray(0, headerLength),
        fragment: bytes.subarray(headerLength),
      };
    }
  }
}

function joined(parts: readonly Bytes[], length: number, borrowed: Bytes[]): Bytes {
  const [only] = parts;
  if (only?.length === length) return only;
  const buffer = takeBuffer();
  borrowed.push(buffer);
  let filled = 0;
  for (const part of parts) {
    buffer.set(part, filled);
    filled += part.length;
  }
  return buffer.subarray(0, length);
}

function openerOf({ version, aead, handle, iv }: Protection, keyOf: KeyOf): RecordOpener {
  const traffic = { aead, iv, key: keyOf(aead, handle) };
  return version === "TLSv1.3" ? new Opener13(traffic) : new Opener12(traffic);
}

/** Application data; undefined for anything else. */
async function dataIn(
  record: RawRecord,
  sequence: number,
  opener: RecordOpener | undefined,
): Promise<Bytes | undefined> {
  try {
    const result = await opener?.open(record, sequence);
    if (result === undefined || !("type" in result)) return undefined;
    const isData = result.type === contentType.applicationData && result.fragment.length > 0;
    return isData ? result.fragment : undefined;
  } catch {
    return undefined;
  }
}
