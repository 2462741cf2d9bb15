import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { certificates } from "./certificates/target.ts";
import { handshakes } from "./handshakes.ts";

// The same seeds each time: what is new is found by `npm run fuzz`.
test("whatever the server does, there is an end with a reason and no wrong data", async () => {
  const { executions, findings, ends } = await runCampaign({
    target: handshakes,
    seed: 1,
    goesOn: (executions) => executions < 600,
  });
  expect(findings).toEqual([]);
  expect(executions).toBe(600);
  // It reaches far: to the end of connections as well as into every layer.
  for (const end of ["closed", "record/bad-mac", "handshake/decode-error", "closed/truncated"]) {
    expect(ends.get(end), end).toBeGreaterThan(0);
  }
}, 120_000);

test("whatever a certificate holds, it is read or refused, and never trusted for what it is not", async () => {
  const { executions, findings, ends } = await runCampaign({
    target: certificates(),
    seed: 1,
    goesOn: (executions) => executions < 2000,
  });
  expect(findings).toEqual([]);
  expect(executions).toBe(2000);
  for (const end of ["accepted", "certificate/malformed", "certificate/bad-signature"]) {
    expect(ends.get(end), end).toBeGreaterThan(0);
  }
}, 120_000);
