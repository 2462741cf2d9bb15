/**
 * A pair of standard streams as a transport.
 *
 * @module
 */

import { type Bytes, concat } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import type { Transport } from "./link.ts";
import type { Schedule } from "./schedule.ts";

/** Longest time that closing waits for the writable to take what was written, in milliseconds. */
const closeTime = 1_000;

/** A readable and a writable of the caller's, locked for as long as the connection lives. */
export class DuplexTransport implements Transport {
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #schedule: Schedule;

  /** @throws TlsError `configuration/invalid-state` where a stream is locked: then both stay as they are. */
  constructor(
    readable: ReadableStream<Uint8Array>,
    writable: WritableStream<Uint8Array>,
    schedule: Schedule,
  ) {
    if (readable.locked || writable.locked) {
      throw new TlsError(
        "configuration/invalid-state",
        "A stream of the duplex is locked: release its reader or writer before connectTls().",
        { phase: "configuration" },
      );
    }
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#schedule = schedule;
  }

  async read(): Promise<Bytes | undefined> {
    for (;;) {
      const { value, done } = await this.#reader.read().catch(rejectBroken);
      if (done) return undefined;
      const bytes = bytesOf(value);
      if (bytes.length > 0) return bytes;
    }
  }

  async send(chunks: readonly Bytes[]): Promise<void> {
    const [only] = chunks;
    const bytes = only !== undefined && chunks.length === 1 ? only : concat(...chunks);
    await this.#writer.write(bytes).catch(rejectBroken);
  }

  // Cancelling may destroy what is behind both streams, so it waits until the writable has taken
  // everything, within a limit.
  close(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        const reason = new TlsError("closed/local", "The connection is closed.", {
          phase: "close",
        });
        void this.#reader.cancel(reason).catch(() => {});
        void this.#writer.abort(reason).catch(() => {});
        resolve();
      };
      const cancel = this.#schedule(end, closeTime);
      this.#writer.close().then(end, end);
    });
  }
}

function rejectBroken(cause: unknown): never {
  throw new TlsError("bridge/closed", "The stream beneath the TLS connection has failed.", {
    phase: "bridge",
    cause,
  });
}

// Bytes on shared memory must be copied: WebCrypto refuses them.
function bytesOf(chunk: unknown): Bytes {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (!ArrayBuffer.isView(chunk)) throw notBytes(chunk);
  const { buffer, byteOffset, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

// A chunk left out would be a gap in what the server sent.
function notBytes(chunk: unknown): TlsError {
  return new TlsError(
    "bridge/protocol",
    `The stream beneath the TLS connection gave a chunk that is no bytes: expected an ArrayBuffer or a view of one, not ${typeof chunk}.`,
    { phase: "bridge" },
  );
}
