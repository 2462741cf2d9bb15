/**
 * Many executions, each made from its seed alone.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { seeded } from "../peer/seeded.ts";
import type { Random } from "./mutate.ts";

export interface CampaignOptions {
  /** What is tried. */
  readonly target: Target;
  /** The first seed; each execution has the next one. */
  readonly seed: number;
  /** Asked before each execution. */
  readonly goesOn: (executions: number) => boolean;
  /** Told each finding as it is made. */
  readonly onFinding?: (finding: FoundBySeed) => void;
}

/**
 * Makes ready what all executions share.
 *
 * @throws where something fails without any change.
 */
export type Target = () => Promise<Execute>;

/**
 * One execution.
 *
 * @param trial told on the way what is tried.
 * @returns the end that was met, in a word: `"closed"`, the code of a failure.
 * @throws Finding, or anything else, for what may not be.
 */
export type Execute = (random: Random, trial: Trial) => Promise<string>;

/** What is tried in an execution, as far as it is known. */
export interface Trial {
  scenario: string;
  /** What was changed, in words. */
  changes: readonly string[];
  /** What was read, where that is little. */
  input?: readonly Bytes[];
}

/** Thrown for what may not be, whatever the input. */
export class Finding extends Error {
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
  }
}

export interface FoundBySeed extends Trial {
  /** Leads there again. */
  readonly seed: number;
  readonly error: unknown;
}

export interface CampaignReport {
  readonly executions: number;
  readonly findings: readonly FoundBySeed[];
  /** How often each end was met. */
  readonly ends: ReadonlyMap<string, number>;
}

/** @throws where the target can't be made ready. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const execute = await options.target();
  const findings: FoundBySeed[] = [];
  const ends = new Map<string, number>();
  const unhandled: unknown[] = [];
  const noteUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", noteUnhandled);
  let executions = 0;
  for (; options.goesOn(executions); executions++) {
    const seed = options.seed + executions;
    const trial: Trial = { scenario: "none yet", changes: [] };
    const found = (error: unknown) => {
      const finding = { ...trial, seed, error };
      findings.push(finding);
      options.onFinding?.(finding);
    };
    try {
      const end = await execute(mixed(seed), trial);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } catch (error) {
      found(error);
    }
    // Rejections that nobody handles are told once all jobs are done.
    await setImmediate();
    for (const error of unhandled.splice(0)) found(error);
  }
  process.off("unhandledRejection", noteUnhandled);
  return { executions, findings, ends };
}

/** The first numbers of neighbouring seeds are much alike. */
function mixed(seed: number): Random {
  const random = seeded(seed);
  for (let left = 4; left > 0; left--) random();
  return random;
}
