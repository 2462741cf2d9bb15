/**
 * What a connection posts to the page, in order.
 *
 * @module
 */

import type { TlsErrorRecord } from "../errors.ts";
import { loaded } from "../loaded.ts";
import type { Schedule } from "../stream/schedule.ts";
import type { WorkerMessage } from "./protocol.ts";
import { hasReferences } from "./wording.ts";

/** A message with an error, or one that may have one. */
type Failing = WorkerMessage & { error?: TlsErrorRecord | string };

type Spelling = { spelledOut(error: TlsErrorRecord): TlsErrorRecord };

/** Longest wait for the words of an error, in milliseconds: it is better told in few than late. */
const patience = 3_000;

/**
 * Posts messages. In the bundle, what errors say is a file of its own: a message with an error waits
 * for it, and those behind wait for that message.
 */
export class Outbox {
  readonly #port: MessagePort;
  readonly #schedule: Schedule;
  readonly #load: () => Promise<Spelling>;
  /** Settled when nothing waits any more. */
  #turn: Promise<void> | undefined;

  /** @param load what writes sentences out. */
  constructor(
    port: MessagePort,
    schedule: Schedule,
    load: () => Promise<Spelling> = () => loaded(import("./spelling.ts")),
  ) {
    this.#port = port;
    this.#schedule = schedule;
    this.#load = load;
  }

  post(message: WorkerMessage, transfer: Transferable[]): void {
    const readable = "error" in message ? this.#inWords(message) : message;
    if (readable === message && this.#turn === undefined) {
      this.#port.postMessage(message, transfer);
      return;
    }
    const posting = this.#postLater(readable, transfer);
    // One that can't be posted is a defect, which is reported as unhandled; the others go on.
    const turn = posting.catch(() => {});
    this.#turn = turn;
    void posting.finally(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
  }

  async #postLater(
    message: WorkerMessage | Promise<WorkerMessage>,
    transfer: Transferable[],
  ): Promise<void> {
    const before = this.#turn;
    const readable = await message;
    await before;
    this.#port.postMessage(readable, transfer);
  }

  #inWords<Message extends Failing>(message: Message): Message | Promise<Message> {
    const { error } = message;
    if (typeof error !== "object" || !hasReferences(error)) return message;
    return this.#spelledOut(error).then((readable) => ({ ...message, error: readable }));
  }

  async #spelledOut(error: TlsErrorRecord): Promise<TlsErrorRecord> {
    const spelling = await new Promise<Spelling | undefined>((resolve) => {
      const cancel = this.#schedule(() => resolve(undefined), patience);
      this.#load()
        .then(resolve, () => resolve(undefined))
        .finally(cancel);
    });
    return spelling?.spelledOut(error) ?? inShort(error);
  }
}

/** The error without what it says. */
function inShort({ paths, cause, ...error }: TlsErrorRecord): TlsErrorRecord {
  return { ...error, message: `${error.code}: the file of the build that says more did not load.` };
}
