/**
 * The worker's own worker that decrypts fast downloads, so that reading does not stand still
 * meanwhile. All connections share one: it is there from the first fast download on, until the last
 * connection that had one is over.
 *
 * @module
 */

import type { Link } from "../../stream/link.ts";
import type { DecryptedJob, Decrypter, DecryptionJob } from "../../tls/record/decryption.ts";
import { ReadAhead } from "../../tls/record/read-ahead.ts";

let shared: Promise<Worker> | undefined;
let users = 0;

/**
 * Has what a link receives from now on decrypted by the worker's own worker. Where that can't be
 * had, all stays as it is.
 *
 * @returns to be called when the link is over.
 */
export async function decryptAside(link: Pick<Link, "reader">): Promise<() => void> {
  users++;
  shared ??= started();
  try {
    const worker = await shared;
    const decrypter = new WorkerDecrypter(worker);
    if (link.reader !== undefined) {
      link.reader.ahead = new ReadAhead(link.reader, decrypter, soon);
    }
    return () => {
      decrypter.close();
      leave();
    };
  } catch {
    // Its file can't be had, or is not allowed to run.
    return leave;
  }
}

/** Long enough for the next message of a fast bridge, whose messages may be short. */
function soon(callback: () => void): void {
  setTimeout(callback, 1);
}

function leave(): void {
  users--;
  if (users > 0) return;
  shared?.then(
    (worker) => worker.terminate(),
    () => {},
  );
  shared = undefined;
}

async function started(): Promise<Worker> {
  const worker = new Worker(new URL("./entry.ts", import.meta.url), {
    type: "module",
    name: "webtls decryption",
  });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.addEventListener("error", reject);
  });
}

interface Waiting {
  resolve(job: DecryptedJob): void;
  reject(error: Error): void;
}

/** Has jobs of one connection decrypted, which are answered in their order. */
class WorkerDecrypter implements Decrypter {
  readonly #port: MessagePort;
  readonly #waiting: Waiting[] = [];
  #failure: Error | undefined;

  constructor(worker: Worker) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#waiting.shift()?.resolve(data);
    worker.addEventListener("error", () => this.#fail());
    worker.postMessage(undefined, [port2]);
  }

  decrypt(job: DecryptionJob): Promise<DecryptedJob> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const buffers = new Set(job.pieces.map(({ buffer }) => buffer));
    this.#port.postMessage(job, [...buffers]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  close(): void {
    this.#port.close();
  }

  /** What it had is gone, and so are the connections. */
  #fail(): void {
    const failure = new Error("The worker that decrypts has failed.");
    this.#failure = failure;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}
