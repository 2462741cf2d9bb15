/**
 * Full handshakes: webtls beside the peers.
 *
 * @module
 */

import type { Handshakes, Opening } from "../page/tasks/handshakes.ts";
import { type Benchmark, median, type Report } from "../report.ts";
import { attempt, type Field, isFailure, openField, type Runner, verdict } from "./field.ts";

interface Measured extends Runner {
  readonly cold: Opening[];
  readonly warm: Opening[];
  /** Processor time of the renderer for one, in milliseconds, a value for each run. */
  readonly processor: number[];
  failure?: string;
}

export const peersHandshake: Benchmark = async ({ runs, short }) => {
  const count = short ? 20 : 100;
  const field = await openField();
  try {
    const runners = field.runners.filter(({ name }) => name !== "WebSocketStream");
    const measured = runners.map(
      (runner): Measured => ({ ...runner, cold: [], warm: [], processor: [] }),
    );
    for (let run = 0; run < runs; run++) {
      for (const each of measured) await measure(field, each, count);
    }
    return [report(field, measured, count)];
  } finally {
    await field.close();
  }
};

async function measure({ lab }: Field, each: Measured, count: number): Promise<void> {
  if (each.failure !== undefined) return;
  const task = { contestant: each.name, target: each.target };
  const result = await attempt(async () => {
    const first: Handshakes = { ...task, warmUp: 0, count: 1 };
    const rest: Handshakes = { ...task, warmUp: Math.min(30, count), count };
    const cold = await lab.run<Opening[]>("handshakes", first);
    return { cold, warm: await lab.run<Opening[]>("handshakes", rest) };
  });
  if (isFailure(result)) {
    each.failure = result.failure;
    return;
  }
  each.cold.push(...result.cold.value);
  each.warm.push(...result.warm.value);
  each.processor.push((result.warm.processor.renderer ?? Number.NaN) / count);
}

function report(field: Field, measured: Measured[], count: number): Report {
  const { verifying, notes } = field;
  const raw = measured.find(({ suite }) => suite === undefined);
  const base = median(raw?.processor ?? []);
  const rows = measured.map((each) => {
    const { name, suite, target, cold, warm, processor, failure } = each;
    const verifies = verdict(field, each, failure);
    if (failure !== undefined) return [name, suite ?? "", verifies, `failed: ${failure}`];
    const own = median(processor);
    // One WebSocket carries all of those over Wisp.
    const net = target.bridge === "wisp" ? own : own - base;
    return [
      name,
      suite ?? "",
      verifies,
      suite === undefined ? "" : milliseconds(cold.map(({ handshake }) => handshake)),
      suite === undefined ? "" : milliseconds(warm.map(({ handshake }) => handshake)),
      milliseconds(cold.map(({ total }) => total)),
      suite === undefined ? own.toFixed(2) : net.toFixed(2),
    ];
  });
  return {
    title: "Full handshakes beside the peers",
    columns: [
      "",
      "suite",
      "verifies",
      "cold, ms",
      "warm, ms",
      "cold, from the call, ms",
      "CPU, ms",
    ],
    rows,
    notes: [
      "cold, warm: from the bridge's being open (over Wisp and warm: from the call) until data can be sent, medians.",
      `CPU: of the renderer's process, over ${count} handshakes, less that of as many raw WebSockets (first line: what those take); nothing is taken off over Wisp, where one WebSocket carries all.`,
      "subtls sends its Finished with the first data, so that is not in its figures.",
      "verifies: refuses a certificate for another name, and one from another root.",
      ...notes,
    ],
    data: { count, base, measured, verifying: [...verifying] },
  };
}

function milliseconds(values: readonly number[]): string {
  return median(values).toFixed(1);
}
