/**
 * An end to waiting for what libraries have promised, so that one which has gone astray is a line of
 * the table and not the end of the benchmark.
 *
 * @module
 */

import type { Contestant, Pipe } from "./contestant.ts";

/** Longest wait, in milliseconds. */
const patience = 20_000;

/** The same, with a limit to everything that is waited for. */
export function impatient(contestant: Contestant): Contestant {
  return {
    ...contestant,
    async open(target) {
      const opening = new Wait("Opening");
      const pipe = await opening.for(contestant.open(target));
      opening.end();
      return limited(pipe);
    },
  };
}

function limited(pipe: Pipe): Pipe {
  const [reading, writing] = [new Wait("Reading"), new Wait("Writing")];
  return {
    read: () => reading.for(pipe.read()),
    write: (bytes) => writing.for(pipe.write(bytes)),
    async close() {
      reading.end();
      writing.end();
      await pipe.close();
    },
  };
}

/** One timer for all of its waits, which so cost next to nothing. */
class Wait {
  readonly #what: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #since = Number.POSITIVE_INFINITY;
  #fail = (_reason: Error) => {};

  constructor(what: string) {
    this.#what = what;
    this.#timer = setInterval(() => this.#look(), patience / 4);
  }

  /** The same promise, rejected where it takes too long. One at a time. */
  for<Value>(promise: Promise<Value>): Promise<Value> {
    this.#since = performance.now();
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      promise.then(resolve, reject).finally(() => {
        this.#since = Number.POSITIVE_INFINITY;
      });
    });
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (performance.now() - this.#since < patience) return;
    this.#fail(new Error(`${this.#what} has taken too long.`));
  }
}
