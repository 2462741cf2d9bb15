import { describe, expect, test } from "vitest";
import type { LimboCase } from "./case.ts";
import { type Outcome, readCases, run, slowest, sumUp } from "./suite.ts";

const { cases, missing } = readCases();
const outcomes: Outcome[] = [];

for (const reason of missing) {
  console.warn(`not run: ${reason}`);
  test.skip(reason, () => {});
}

const isBetterTls = ({ id }: LimboCase) => id.startsWith("bettertls::");
const betterTls = cases.filter(isBetterTls);
const core = cases.filter((limbo) => !isBetterTls(limbo));

describe.skipIf(core.length === 0)("x509-limbo", () => {
  test.each(core.map((limbo) => [limbo.id, limbo] as const))("%s", async (_, limbo) => {
    expect(await unexpectedOf(limbo)).toBeUndefined();
  });
});

describe.skipIf(betterTls.length === 0)("BetterTLS", () => {
  test(`${betterTls.length} cases`, async () => {
    const unexpected: string[] = [];
    for (const limbo of betterTls) {
      const found = await unexpectedOf(limbo);
      if (found !== undefined) unexpected.push(`${limbo.id}: ${found}`);
    }
    expect(unexpected).toEqual([]);
  });
});

test.skipIf(cases.length === 0)("what came of it", () => {
  console.log(slowest(outcomes));
  console.log(sumUp(outcomes));
});

async function unexpectedOf(limbo: LimboCase): Promise<string | undefined> {
  const outcome = await run(limbo);
  outcomes.push(outcome);
  return outcome.unexpected;
}
