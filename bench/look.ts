/**
 * What can be seen of the processes of a benchmark from outside, while the page is at work.
 *
 * @module
 */

import { difference, type ProcessorTimes, processorTimes } from "./processor-time.ts";
import { type Memory, residentMemory } from "./resident-memory.ts";

/** Of the part of a task that the page has timed. */
export interface Figures {
  /** In milliseconds, by part. */
  readonly processor: ProcessorTimes;
  /** Resident memory, in bytes, by part of the browser: from the beginning to the end. */
  readonly memory: readonly Memory[];
}

/** What is seen of a task that has timed nothing. */
export const nothingSeen: Figures = { processor: {}, memory: [] };

export interface Look {
  /** Looks from now on. @returns ends it. */
  begin(): () => Figures;
  /** Resident memory as it is now, in bytes, by part of the browser. */
  memory(): Memory;
}

export interface LookOptions {
  /** How often memory is looked at, in milliseconds. Default: never, as it takes some itself. */
  readonly memoryEvery?: number | undefined;
}

/** @param processes the first process of each part; `chromium` is the browser. */
export function lookAt(
  processes: () => Readonly<Record<string, number>>,
  { memoryEvery }: LookOptions = {},
): Look {
  const memory = () => residentMemory(processes().chromium ?? 0);
  return {
    memory,
    begin() {
      const samples: Memory[] = [];
      const sample = () => samples.push(memory());
      if (memoryEvery !== undefined) sample();
      const timer = memoryEvery === undefined ? undefined : setInterval(sample, memoryEvery);
      const before = processorTimes(processes());
      return () => {
        const after = processorTimes(processes());
        clearInterval(timer);
        if (memoryEvery !== undefined) sample();
        return { processor: difference(before, after), memory: samples };
      };
    },
  };
}
