/**
 * x509-limbo by hand: `npm run test:limbo`. It prints each disagreement that is not listed, and each
 * one listed with its reason; its last line is the sum.
 *
 * @module
 */

import { disagreements } from "./disagreements.ts";
import { type Outcome, readCases, run, slowest, sumUp } from "./suite.ts";

/** @returns whether there were cases, and nothing unexpected. */
export async function limbo(): Promise<boolean> {
  const { cases, missing } = readCases();
  for (const reason of missing) console.log(`limbo: not run: ${reason}`);
  const outcomes: Outcome[] = [];
  for (const limboCase of cases) outcomes.push(await run(limboCase));
  for (const {
    limbo: { id },
    isListed,
    unexpected,
  } of outcomes) {
    if (unexpected !== undefined) console.log(`limbo: unexpected: ${id}: ${unexpected}`);
    else if (isListed) console.log(`limbo: listed: ${id}: ${disagreements.get(id)}`);
  }
  console.log(slowest(outcomes));
  console.log(sumUp(outcomes));
  return cases.length > 0 && outcomes.every(({ unexpected }) => unexpected === undefined);
}
