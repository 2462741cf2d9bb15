/**
 * Calls across a message port: either side calls the other by name and waits for what comes of it.
 * That is how a connection in the worker asks the caller's functions, which can't cross, and how the
 * page asks of a connection what only the worker can answer.
 *
 * @module
 */

import { invalidOption, TlsError, type TlsErrorRecord } from "../errors.ts";

/** What crosses for a call. Arguments and results survive structured clone. */
export type CallMessage =
  | { type: "call"; id: number; name: string; args: readonly unknown[] }
  /** The value, or what was thrown: a string is the message of an error that is no TlsError. */
  | { type: "result"; id: number; value?: unknown; error?: TlsErrorRecord | string };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One side's half: the calls it makes, and those it answers. */
export class Calls {
  readonly #post: (message: CallMessage) => void;
  readonly #answer: (name: string, args: readonly unknown[]) => unknown;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #failure: TlsError | undefined;

  /** @param answer what a call of the other side comes to; it may throw, and return a promise. */
  constructor(
    post: (message: CallMessage) => void,
    answer: (name: string, args: readonly unknown[]) => unknown,
  ) {
    this.#post = post;
    this.#answer = answer;
  }

  /**
   * Calls the other side.
   *
   * @throws what that throws: a TlsError as such, anything else as an Error with its message;
   * `configuration/invalid-option` for an argument that can't be cloned; the error given to
   * {@link fail} when the connection is over.
   */
  call(name: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const id = ++this.#last;
      try {
        this.#post({ type: "call", id, name, args });
      } catch {
        throw invalidOption(`${name}()`, "arguments that are plain values");
      }
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Takes a message of the other side. */
  take(message: CallMessage): void {
    if (message.type === "call") {
      void this.#serve(message.id, message.name, message.args);
      return;
    }
    const { id, value, error } = message;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(typeof error === "string" ? new Error(error) : TlsError.fromRecord(error));
  }

  /** The connection is over: nobody waits any more. */
  fail(error: TlsError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  async #serve(id: number, name: string, args: readonly unknown[]): Promise<void> {
    try {
      // What was returned may not survive the crossing, which is a failure like any other.
      this.#post({ type: "result", id, value: await this.#answer(name, args) });
    } catch (thrown) {
      const error = thrown instanceof TlsError ? thrown.toRecord() : messageOf(thrown);
      this.#post({ type: "result", id, error });
    }
  }
}

/** JavaScript may throw anything. */
function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : thrown;
  return typeof message === "string" ? message : "What was thrown is no Error.";
}
