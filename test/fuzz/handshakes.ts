/**
 * Whole handshakes with something wrong in them.
 *
 * @module
 */

import { connectToPeer } from "../peer/connect.ts";
import { type Recording, recordConnection } from "../peer/replay.ts";
import type { Message, Script, ServerMessageName } from "../peer/script.ts";
import type { Execute } from "./campaign.ts";
import { executeRecording, executeScript } from "./execution.ts";
import { pick } from "./mutate.ts";
import { cutRecords } from "./mutated-recording.ts";
import type { Honest } from "./mutated-script.ts";
import { createScenarios, type Scenario, type Scene } from "./scenarios.ts";

/** A scenario with what an honest run of it has shown. */
interface Prepared {
  readonly scenario: Scenario;
  readonly honest: Honest;
  readonly recording: Recording;
}

/** Every scenario, by a server that has the right keys or by somebody on the way. */
export async function handshakes(): Promise<Execute> {
  const prepared = await prepareAll();
  const others = prepared.flatMap(({ recording }) => cutRecords(recording.bytes));
  return (random, trial) => {
    const { scenario, honest, recording } = pick(random, prepared);
    trial.scenario = scenario.name;
    // Of ten executions one is of a recording: without keys, little is reached.
    if (random() < 0.1) return executeRecording(recording, others, random, trial);
    return executeScript(scenario, honest, random, trial);
  };
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
