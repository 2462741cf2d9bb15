/**
 * The time and the memory that one input may take.
 *
 * @module
 */

import { Finding } from "../campaign.ts";

/** Longest time, in milliseconds of the processor's: the longest inputs take some fifty. */
const longest = 1000;

/** Most memory that is taken for one input, in bytes. */
const mostMemory = 256 * 1024 * 1024;

/**
 * Does it, and again where it took long: a machine that is busy elsewhere is no finding.
 *
 * @throws Finding where it takes too long three times, or too much memory; else what `work` throws.
 */
export async function inBounds<T>(work: () => T | Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const memory = process.memoryUsage.rss();
    const start = process.cpuUsage();
    const [outcome] = await Promise.allSettled([(async () => work())()]);
    const { user, system } = process.cpuUsage(start);
    const taken = process.memoryUsage.rss() - memory;
    if (taken > mostMemory) throw new Finding(`it takes ${taken} bytes of memory`);
    const spent = (user + system) / 1000;
    if (spent <= longest) {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    }
    if (tries === 3) throw new Finding(`it takes ${Math.round(spent)} ms`);
  }
}
