/**
 * How much memory a family of processes takes up, from Linux's `/proc`. Where there is none, none is
 * reported.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { familyOf, kindOf } from "./processor-time.ts";

/** In bytes, by what the processes are there for. */
export type Memory = Readonly<Record<string, number>>;

/**
 * Proportional set sizes (PSS): a page of memory that several processes share counts for each by its
 * share, so that their sum counts it once. Pages of files are left out: the program itself is shared
 * with the browsers beside, and each of them that ends would make the shares of the others grow.
 *
 * @param root the first process: all that it has started count.
 */
export function residentMemory(root: number): Memory {
  const memory: Record<string, number> = {};
  for (const id of familyOf(root)) {
    const kind = kindOf(id);
    memory[kind] = (memory[kind] ?? 0) + proportionalSetSize(id);
  }
  return memory;
}

export function totalOf(memory: Memory): number {
  return Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
}

function proportionalSetSize(id: number): number {
  try {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "latin1");
    const kibibytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? 0);
    return (kibibytes("Pss_Anon") + kibibytes("Pss_Shmem")) * 1024;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
