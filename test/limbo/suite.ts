/**
 * x509-limbo (https://x509-limbo.com), with BetterTLS's cases in its format: all cases of the files
 * `x509-limbo/*.json` and `*.json.xz` that `WEBTLS_VECTORS` has.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vectorPath } from "../conformance/vectors.ts";
import { judge, type LimboCase, type Verdict } from "./case.ts";
import { disagreements } from "./disagreements.ts";

/** The cases that were found, and in words what was not. */
export interface LimboCases {
  readonly cases: readonly LimboCase[];
  readonly missing: readonly string[];
}

/** A case with what came of it. */
export interface Outcome extends Verdict {
  readonly limbo: LimboCase;
  /** What is wrong with it; undefined where webtls agrees, or disagrees as listed. */
  readonly unexpected: string | undefined;
  readonly isListed: boolean;
}

/** Longest that a case may take, in milliseconds. */
export const longest = 1_000;

/** Reads all cases, each once. */
export function readCases(): LimboCases {
  const folder = vectorPath("x509-limbo");
  if (folder === undefined) {
    return { cases: [], missing: ["WEBTLS_VECTORS names no folder with x509-limbo/ in it"] };
  }
  const cases = new Map<string, LimboCase>();
  const missing: string[] = [];
  for (const file of readdirSync(folder).filter((name) => /^limbo.*\.json(\.xz)?$/.test(name))) {
    const text = readText(join(folder, file));
    if (text === undefined) {
      missing.push(`${file}: the program xz, which unpacks it, is not there or has failed`);
      continue;
    }
    const { testcases = [] }: { testcases?: readonly LimboCase[] } = JSON.parse(text);
    for (const limbo of testcases) cases.set(limbo.id, limbo);
  }
  return { cases: [...cases.values()], missing };
}

function readText(path: string): string | undefined {
  if (!path.endsWith(".xz")) return readFileSync(path, "utf8");
  const unpacked = spawnSync("xz", ["-dc", path], { encoding: "utf8", maxBuffer: 2 ** 29 });
  return unpacked.status === 0 ? unpacked.stdout : undefined;
}

/** Puts a case to webtls. One that takes too long is given two more tries: the machine may be busy. */
export async function run(limbo: LimboCase): Promise<Outcome> {
  let verdict = await judge(limbo);
  for (let again = 0; again < 2 && verdict.duration > longest; again++) {
    const next = await judge(limbo);
    if (next.duration < verdict.duration) verdict = next;
  }
  return { ...verdict, limbo, ...held(limbo, verdict) };
}

/** A verdict, held against the one that limbo expects. */
function held(limbo: LimboCase, { failure, duration }: Verdict) {
  const isListed = disagreements.has(limbo.id);
  if (duration > longest) {
    return { isListed, unexpected: `takes ${Math.round(duration)} ms` };
  }
  const agrees = (failure === undefined) === (limbo.expected_result === "SUCCESS");
  if (agrees !== isListed) return { isListed, unexpected: undefined };
  if (isListed) return { isListed, unexpected: "is listed, but webtls agrees" };
  const found = failure === undefined ? "accepted" : `${failure.code}: ${failure.message}`;
  return { isListed, unexpected: `${limbo.expected_result} expected, but ${found}` };
}

/** The sum in one line. */
export function sumUp(outcomes: readonly Outcome[]): string {
  const unexpected = outcomes.filter((outcome) => outcome.unexpected !== undefined).length;
  const listed = outcomes.filter((o) => o.isListed && o.unexpected === undefined).length;
  const agree = outcomes.length - listed - unexpected;
  return `limbo: ${agree} agree, ${listed} listed, ${unexpected} unexpected`;
}

/** The case that took longest, in one line. */
export function slowest(outcomes: readonly Outcome[]): string {
  const [first] = [...outcomes].sort((a, b) => b.duration - a.duration);
  if (first === undefined) return "limbo: nothing ran";
  return `limbo: the slowest is ${first.limbo.id}, ${Math.round(first.duration)} ms`;
}
