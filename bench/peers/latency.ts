/**
 * 64 bytes to the server and back: webtls beside the peers.
 *
 * @module
 */

import type { Echo } from "../page/tasks/echo.ts";
import { type Benchmark, median } from "../report.ts";
import { attempt, isFailure, openField, type Runner } from "./field.ts";

const size = 64;

interface Measured extends Runner {
  readonly p50: number[];
  readonly p99: number[];
  failure?: string;
}

export const peersLatency: Benchmark = async ({ runs, short }) => {
  const count = short ? 200 : 1000;
  // Clocks of pages that are not isolated tick ten times in a millisecond.
  const field = await openField({ isolated: true });
  try {
    const measured = field.runners.map((runner): Measured => ({ ...runner, p50: [], p99: [] }));
    for (let run = 0; run < runs; run++) {
      for (const each of measured) {
        if (each.failure !== undefined) continue;
        const task: Echo = { contestant: each.name, target: each.target, size, count };
        const result = await attempt(() => field.lab.run<number[]>("echo", task));
        if (isFailure(result)) {
          each.failure = result.failure;
          continue;
        }
        const times = result.value.sort((a, b) => a - b);
        each.p50.push(times[Math.floor(count * 0.5)] ?? Number.NaN);
        each.p99.push(times[Math.floor(count * 0.99)] ?? Number.NaN);
      }
    }
    const rows = measured.map(({ name, suite = "", p50, p99, failure }) => [
      name,
      suite,
      failure === undefined ? median(p50).toFixed(2) : `failed: ${failure}`,
      failure === undefined ? median(p99).toFixed(2) : "",
    ]);
    return [
      {
        title: `Echo of ${size} bytes beside the peers, in milliseconds`,
        columns: ["", "suite", "p50", "p99"],
        rows,
        notes: field.notes,
        data: { size, count, measured },
      },
    ];
  } finally {
    await field.close();
  }
};
