/**
 * The fuzzer by hand: `npm run fuzz -- [--minutes 10] [--seed N] [--executions N]`. It prints every
 * finding with the seed that leads to it again, and fails where there is one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type FoundBySeed, runCampaign } from "./campaign.ts";

/** @param args of the command line. @returns whether nothing was found. */
export async function fuzz(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string" },
      executions: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const limit = Number(values.executions ?? Number.POSITIVE_INFINITY);
  const start = performance.now();
  const end = start + Number(values.minutes) * 60_000;
  console.log(`from seed ${seed}`);
  const progress = setInterval(() => console.log(`${seconds(start)} s`), 60_000);
  const { executions, findings, ends } = await runCampaign({
    seed,
    goesOn: (executions) => executions < limit && performance.now() < end,
    onFinding: print,
  });
  clearInterval(progress);
  const rate = Math.round(executions / seconds(start));
  const byCount = [...ends].sort(([, a], [, b]) => b - a);
  for (const [code, count] of byCount) console.log(`${String(count).padStart(9)}  ${code}`);
  console.log(`fuzz: ${executions} executions, ${rate} a second, ${findings.length} findings`);
  return findings.length === 0;
}

function seconds(start: number): number {
  return Math.max(1, Math.round((performance.now() - start) / 1000));
}

function print({ seed, scenario, changes, error }: FoundBySeed): void {
  console.error(`\nfinding: npm run fuzz -- --seed ${seed} --executions 1`);
  console.error(`  in ${scenario}; ${changes.join("; ")}`);
  console.error(error);
}
