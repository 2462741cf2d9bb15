/**
 * The fuzzer by hand: `npm run fuzz -- [--target handshakes | certificates]
 * [--minutes 10] [--seed N] [--executions N]`. It prints every finding with the seed that leads to it again, and
 * fails where there is one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type FoundBySeed, runCampaign, type Target } from "./campaign.ts";
import { outsideSeeds } from "./certificates/outside-seeds.ts";
import { certificates } from "./certificates/target.ts";
import { handshakes } from "./handshakes.ts";
import { Watchdog } from "./watchdog.ts";

const targets: ReadonlyMap<string, Target> = new Map([
  ["handshakes", handshakes],
  ["certificates", () => certificates(outsideSeeds())()],
]);

/** @param args of the command line. @returns whether nothing was found. */
export async function fuzz(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", default: "handshakes" },
      minutes: { type: "string", default: "10" },
      seed: { type: "string" },
      executions: { type: "string" },
    },
  });
  const target = targets.get(values.target);
  if (target === undefined) throw new Error(`--target is one of ${[...targets.keys()].join(", ")}`);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const limit = Number(values.executions ?? Number.POSITIVE_INFINITY);
  const start = performance.now();
  const end = start + Number(values.minutes) * 60_000;
  console.log(`from seed ${seed}`);
  const watchdog = new Watchdog();
  const progress = setInterval(() => console.log(`${seconds(start)} s`), 60_000);
  const { executions, findings, ends } = await runCampaign({
    target,
    seed,
    goesOn(executions) {
      watchdog.see(seed + executions);
      return executions < limit && performance.now() < end;
    },
    onFinding: (finding) => print(values.target, finding),
  });
  clearInterval(progress);
  await watchdog.end();
  const rate = Math.round(executions / seconds(start));
  const byCount = [...ends].sort(([, a], [, b]) => b - a);
  for (const [code, count] of byCount) console.log(`${String(count).padStart(9)}  ${code}`);
  console.log(`fuzz: ${executions} executions, ${rate} a second, ${findings.length} findings`);
  return findings.length === 0;
}

function seconds(start: number): number {
  return Math.max(1, Math.round((performance.now() - start) / 1000));
}

function print(target: string, { seed, scenario, changes, input, error }: FoundBySeed): void {
  console.error(`\nfinding: npm run fuzz -- --target ${target} --seed ${seed} --executions 1`);
  console.error(`  in ${scenario}; ${changes.join("; ")}`);
  for (const one of input ?? []) console.error(`  ${Buffer.from(one).toString("base64")}`);
  console.error(error);
}
