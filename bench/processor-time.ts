/**
 * How much processor time a family of processes has used, from Linux's `/proc`. Where there is none,
 * none is reported.
 *
 * A process's own account counts in ticks of 10 ms, which is a twentieth of a millisecond for each of
 * 200 handshakes. What the scheduler keeps of each thread is exact.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second, which Linux has fixed at 100 for what it tells programs. */
const ticksPerSecond = 100;

interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  /** In milliseconds, as the process's account has it: in whole ticks. */
  readonly time: number;
}

/** Processor time in milliseconds, by part. */
export type ProcessorTimes = Readonly<Record<string, number>>;

/**
 * @param roots the first process of each part; what they have started counts with them.
 * @returns times by part. Chromium's own are split up by what they do: `renderer`, `network`…
 */
export function processorTimes(roots: Readonly<Record<string, number>>): ProcessorTimes {
  const entries = list();
  const times: Record<string, number> = {};
  for (const [part, root] of Object.entries(roots)) {
    for (const { id, time } of family(entries, root)) {
      const name = part === "chromium" ? kindOf(id) : part;
      // Threads that have ended are in the process's account alone.
      times[name] = (times[name] ?? 0) + Math.max(time, timeOfThreads(id));
    }
  }
  return times;
}

/** What was used between two looks. */
export function difference(before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes {
  const entries = Object.entries(after).map(([part, time]) => [part, time - (before[part] ?? 0)]);
  return Object.fromEntries(entries);
}

/** A process and all that descend from it. */
export function familyOf(root: number): readonly number[] {
  return family(list(), root).map(({ id }) => id);
}

function family(entries: readonly ProcessEntry[], root: number): ProcessEntry[] {
  const found = entries.filter(({ id }) => id === root);
  for (const { id } of found) found.push(...entries.filter(({ parent }) => parent === id));
  return found;
}

function list(): ProcessEntry[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => entryOf(Number(name)));
  } catch {
    return [];
  }
}

function entryOf(id: number): ProcessEntry[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "latin1");
    // The name, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return [{ id, parent: Number(fields[1]), time: (ticks * 1000) / ticksPerSecond }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** Of those that run now, in milliseconds; 0 where the system keeps no statistics of its scheduler. */
function timeOfThreads(id: number): number {
  const threads = `/proc/${id}/task`;
  try {
    return readdirSync(threads).reduce((sum, thread) => sum + timeOf(`${threads}/${thread}`), 0);
  } catch {
    // The process has ended meanwhile.
    return 0;
  }
}

function timeOf(thread: string): number {
  try {
    const [nanoseconds] = readFileSync(`${thread}/schedstat`, "latin1").split(" ");
    return Number(nanoseconds) / 1e6;
  } catch {
    // It has ended meanwhile, or there is no such file.
    return 0;
  }
}

/** What a process of Chromium's is there for. */
export function kindOf(id: number): string {
  try {
    const command = readFileSync(`/proc/${id}/cmdline`, "latin1");
    if (command.includes("network.mojom.NetworkService")) return "network";
    return /--type=([a-z-]+)/.exec(command)?.[1] ?? "browser";
  } catch {
    return "browser";
  }
}
