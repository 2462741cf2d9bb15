/**
 * Watches over executions that let nothing else run: an endless loop stops every timer beside it.
 *
 * @module
 */

import { Worker } from "node:worker_threads";

/** Longest time between executions, in milliseconds. */
const patience = 60_000;

/** Runs in a thread of its own, which can't use the console of one that hangs. */
const program = `
  const { writeSync } = require("node:fs");
  const { workerData: { seeds, patience } } = require("node:worker_threads");
  let last = -1;
  setInterval(() => {
    if (seeds[0] === last) {
      writeSync(2, "\\nfinding: it hangs at seed " + last + "\\n");
      process.kill(process.pid, "SIGKILL");
    }
    last = seeds[0];
  }, patience);
`;

/** Ends the process, with the seed, where an execution does not end. */
export class Watchdog {
  readonly #seeds = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker = new Worker(program, {
    eval: true,
    workerData: { seeds: this.#seeds, patience },
  });

  /** An execution begins. */
  see(seed: number): void {
    this.#seeds[0] = seed;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
