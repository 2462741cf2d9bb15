/**
 * The worker's own worker that decrypts fast downloads, so that reading does not stand still
 * meanwhile. All connections share one: it is there from the first fast download on, until the last
 * connection that had one is over.
 *
 * @module
 */

import type { Link } from "../../stream/link.ts";
import type { DecryptedRun, Decrypter, DecryptionJob } from "../../tls/record/decryption.ts";
import { protectionOf, ReadAhead } from "../../tls/record/read-ahead.ts";

let shared: DecryptionWorker | undefined;

/**
 * Has what a link receives decrypted by the worker's own worker, as soon as that runs. Where it can't
 * be had, all stays as it is.
 *
 * @returns to be called when the link is over.
 */
export function decryptAside(link: Pick<Link, "reader">): () => void {
  shared ??= new DecryptionWorker((ended) => {
    if (shared === ended) shared = undefined;
  });
  return shared.serve(link);
}

/** Long enough for a job's worth of messages of a fast bridge, which may be short ones. */
function soon(callback: () => void): void {
  setTimeout(callback, 2);
}

/** A connection's. */
interface Seat {
  /** Until it is over. */
  link?: Pick<Link, "reader">;
  decrypter?: PortDecrypter;
}

/** One worker, and the connections that it decrypts for. */
class DecryptionWorker {
  readonly #started: Promise<Worker>;
  readonly #over: (ended: DecryptionWorker) => void;
  readonly #seats = new Set<Seat>();

  /** @param over told when it is of no use any more. */
  constructor(over: (ended: DecryptionWorker) => void) {
    this.#over = over;
    this.#started = started((error) => this.#fail(error));
    this.#started.catch(() => {});
  }

  /** @returns to be called when the link is over. */
  serve(link: Pick<Link, "reader">): () => void {
    const seat: Seat = { link };
    this.#seats.add(seat);
    this.#use(seat).catch(() => {});
    return () => {
      delete seat.link;
      seat.decrypter?.close();
      this.#seats.delete(seat);
      if (this.#seats.size === 0) this.#end();
    };
  }

  async #use(seat: Seat): Promise<void> {
    const worker = await this.#started;
    const opener = seat.link?.reader?.opener;
    const protection = opener && protectionOf(opener);
    if (protection === undefined) return;
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(undefined, [port2]);
    const decrypter = new PortDecrypter(port1);
    seat.decrypter = decrypter;
    // Not every browser can give away every key: that shows before anything is lost by it.
    await decrypter.decrypt({ protection, sequence: 0, pieces: [] });
    const reader = seat.link?.reader;
    if (reader !== undefined) reader.ahead = new ReadAhead(reader, decrypter, soon);
  }

  /** What it had is gone, and so are those connections. Others get another one. */
  #fail(error: Error): void {
    for (const { decrypter } of this.#seats) decrypter?.fail(error);
    this.#end();
  }

  #end(): void {
    this.#over(this);
    this.#started.then((worker) => worker.terminate()).catch(() => {});
  }
}

/** @param failed told of failures once it runs. */
async function started(failed: (error: Error) => void): Promise<Worker> {
  const worker = new Worker(new URL("./entry.ts", import.meta.url), {
    type: "module",
    name: "webtls decryption",
  });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => {
      // Left alone, it would end this worker's other connections, too.
      event.preventDefault();
      const error = new Error("The worker that decrypts has failed.", { cause: event.message });
      reject(error);
      failed(error);
    };
  });
}

interface Waiting {
  resolve(runs: readonly DecryptedRun[]): void;
  reject(error: Error): void;
}

/** Has jobs of one connection decrypted, which are answered in their order. */
class PortDecrypter implements Decrypter {
  readonly #port: MessagePort;
  readonly #waiting: Waiting[] = [];
  #failure: Error | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<DecryptedRun[] | undefined>) => {
      if (data === undefined) this.fail(new Error("A job could not be given away."));
      else this.#waiting.shift()?.resolve(data);
    };
    port.onmessageerror = () => this.fail(new Error("A job could not be taken back."));
  }

  async decrypt(job: DecryptionJob): Promise<readonly DecryptedRun[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const memory = new Set(job.pieces.map(({ buffer }) => buffer));
    this.#port.postMessage(job, [...memory]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  close(): void {
    this.fail(new Error("The connection is over."));
    this.#port.close();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
