/**
 * Many executions, each made from its seed alone.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { connectToPeer } from "../peer/connect.ts";
import { type Recording, recordConnection } from "../peer/replay.ts";
import type { Message, Script, ServerMessageName } from "../peer/script.ts";
import { seeded } from "../peer/seeded.ts";
import { type Execution, executeRecording, executeScript, Finding } from "./execution.ts";
import { pick, type Random } from "./mutate.ts";
import { cutRecords } from "./mutated-recording.ts";
import type { Honest } from "./mutated-script.ts";
import { createScenarios, type Scenario, type Scene } from "./scenarios.ts";

export interface CampaignOptions {
  /** The first seed; each execution has the next one. */
  readonly seed: number;
  /** Asked before each execution. */
  readonly goesOn: (executions: number) => boolean;
  /** Told each finding as it is made. */
  readonly onFinding?: (finding: FoundBySeed) => void;
}

export interface FoundBySeed {
  /** Leads there again. */
  readonly seed: number;
  readonly scenario: string;
  readonly changes: readonly string[];
  readonly error: unknown;
}

export interface CampaignReport {
  readonly executions: number;
  readonly findings: readonly FoundBySeed[];
  /** How often each end was met. */
  readonly ends: ReadonlyMap<string, number>;
}

/** A scenario with what an honest run of it has shown. */
interface Prepared {
  readonly scenario: Scenario;
  readonly honest: Honest;
  readonly recording: Recording;
}

/** @throws where a scenario fails without any change. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const prepared = await prepareAll();
  const others = prepared.flatMap(({ recording }) => cutRecords(recording.bytes));
  const findings: FoundBySeed[] = [];
  const ends = new Map<string, number>();
  const unhandled: unknown[] = [];
  const noteUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", noteUnhandled);
  let executions = 0;
  for (; options.goesOn(executions); executions++) {
    const seed = options.seed + executions;
    const random = mixed(seed);
    const one = pick(random, prepared);
    const found = (changes: readonly string[], error: unknown) => {
      const finding = { seed, scenario: one.scenario.name, changes, error };
      findings.push(finding);
      options.onFinding?.(finding);
    };
    let changes: readonly string[] = [];
    try {
      const execution = await execute(one, others, random);
      changes = execution.changes;
      ends.set(execution.end, (ends.get(execution.end) ?? 0) + 1);
    } catch (error) {
      found(error instanceof Finding ? error.changes : [], error);
    }
    // Rejections that nobody handles are told once all jobs are done.
    await setImmediate();
    for (const error of unhandled.splice(0)) found(changes, error);
  }
  process.off("unhandledRejection", noteUnhandled);
  return { executions, findings, ends };
}

/** Of ten executions one is of a recording: without keys, little is reached. */
function execute(one: Prepared, others: readonly Bytes[], random: Random): Promise<Execution> {
  if (random() < 0.1) return executeRecording(one.recording, others, random);
  return executeScript(one.scenario, one.honest, random);
}

/** The first numbers of neighbouring seeds are much alike. */
function mixed(seed: number): Random {
  const random = seeded(seed);
  for (let left = 4; left > 0; left--) random();
  return random;
}

async function prepareAll(): Promise<readonly [Prepared, ...Prepared[]]> {
  const scenarios = await createScenarios();
  const runs: { scenario: Scenario; names: ServerMessageName[]; recording: Recording }[] = [];
  const pool: Message[] = [];
  for (const scenario of scenarios) {
    const names: ServerMessageName[] = [];
    const note = (name: ServerMessageName, message: Message) => {
      names.push(name);
      pool.push(message);
    };
    await beHonest(scenario, note);
    runs.push({ scenario, names, recording: await record(scenario) });
  }
  const [first, ...others] = runs.map(({ scenario, names, recording }) => ({
    scenario,
    honest: { names: nonEmpty(names), pool: nonEmpty(pool) },
    recording,
  }));
  return nonEmpty(first === undefined ? [] : [first, ...others]);
}

async function beHonest(
  scenario: Scenario,
  note: (name: ServerMessageName, message: Message) => void,
): Promise<void> {
  const scene = await scenario.begin();
  const on: Script["on"] = Object.fromEntries(
    messageNames.map((name) => [
      name,
      {
        instead(message: Message) {
          const sent = scene.script.on?.[name]?.instead?.(message) ?? [message];
          for (const one of sent) note(name, one);
          return sent;
        },
      },
    ]),
  );
  const { error } = await connectToPeer(scene.config, { ...honestScript(scene), on }).outcome();
  if (error !== undefined) throw new Error(`${scenario.name} fails unchanged`, { cause: error });
}

async function record(scenario: Scenario): Promise<Recording> {
  const scene = await scenario.begin();
  const configure = async (crypto: Parameters<Scenario["begin"]>[0]) =>
    (await scenario.begin(crypto)).config;
  return recordConnection(configure, honestScript(scene));
}

function honestScript({ script, steps }: Scene): Script {
  return {
    ...script,
    async after(peer) {
      for (const step of steps) await step(peer);
    },
  };
}

const messageNames: readonly ServerMessageName[] = [
  "hello_retry_request",
  "server_hello",
  "encrypted_extensions",
  "certificate_request",
  "certificate",
  "certificate_verify",
  "finished",
  "server_key_exchange",
  "server_hello_done",
  "new_session_ticket",
];

function nonEmpty<T>(list: readonly T[]): [T, ...T[]] {
  const [first, ...others] = list;
  if (first === undefined) throw new Error("nothing was sent");
  return [first, ...others];
}
