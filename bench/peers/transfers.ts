/**
 * Many bytes one way: webtls beside the peers, each with the best suite and bridge that it has.
 *
 * @module
 */

import type { Transfer } from "../page/tasks/transfer.ts";
import { type Benchmark, type BenchOptions, median, type Report } from "../report.ts";
import { attempt, type Field, isFailure, openField, type Runner, verdict } from "./field.ts";

const mebibyte = 1024 * 1024;
/** How long one transfer may take, in milliseconds: the slow ones carry less. */
const transferTime = 8000;
/** What is transferred first, to see how fast someone is. */
const probe = 4 * mebibyte;

type Direction = "download" | "upload";

interface Measured extends Runner {
  bytes: number;
  /** Of each run, in MB/s. */
  readonly speeds: number[];
  /** Of the renderer in each run, in milliseconds for each MiB. */
  readonly processor: number[];
  failure?: string;
}

export const peersDownload: Benchmark = (options) => transfers("download", options);
export const peersUpload: Benchmark = (options) => transfers("upload", options);

async function transfers(direction: Direction, { runs, short }: BenchOptions): Promise<Report[]> {
  const most = (short ? 32 : 256) * mebibyte;
  const field = await openField();
  try {
    const measured = field.runners.map(
      (runner): Measured => ({ ...runner, bytes: probe, speeds: [], processor: [] }),
    );
    for (const each of measured) {
      await measure(field, direction, each);
      const speed = each.speeds.pop() ?? 0;
      each.processor.pop();
      while (each.bytes < most && (each.bytes * 2) / 1e3 / speed < transferTime) each.bytes *= 2;
    }
    // In turn, so that what changes on the machine meanwhile falls on all of them.
    for (let run = 0; run < runs; run++) {
      for (const each of measured) await measure(field, direction, each);
    }
    return [report(field, direction, measured)];
  } finally {
    await field.close();
  }
}

/** Who has failed once is left out from then on. */
async function measure({ lab }: Field, direction: Direction, each: Measured): Promise<void> {
  if (each.failure !== undefined) return;
  const { name: contestant, target, bytes } = each;
  const task: Transfer = { contestant, target, bytes };
  const result = await attempt(() => lab.run<number>(direction, task));
  if (isFailure(result)) {
    each.failure = result.failure;
    return;
  }
  each.speeds.push(bytes / 1e3 / result.value);
  each.processor.push(((result.processor.renderer ?? Number.NaN) * mebibyte) / bytes);
}

function report(field: Field, direction: Direction, measured: Measured[]): Report {
  const { verifying, notes } = field;
  const done = measured.filter(({ failure }) => failure === undefined);
  const raw = Math.max(...done.filter(({ suite }) => suite === undefined).map(speedOf));
  const own = done.find(({ name }) => name === "webtls");
  const ours = own === undefined ? Number.NaN : speedOf(own);
  const rivals = done.filter(({ name }) => name !== "webtls" && verifying.has(name));
  const [best] = rivals.sort((a, b) => speedOf(b) - speedOf(a));
  const rows = measured.map((each) => {
    const { name, suite = "", bytes, speeds, processor, failure } = each;
    const head = [name, suite, verdict(field, each, failure)];
    if (failure !== undefined) return [...head, `failed: ${failure}`];
    return [
      ...head,
      speedOf(each).toFixed(speedOf(each) < 10 ? 1 : 0),
      (speedOf(each) / raw).toFixed(2),
      name === "webtls" || suite === "" ? "" : (ours / speedOf(each)).toFixed(1),
      `${Math.min(...speeds).toFixed(0)} … ${Math.max(...speeds).toFixed(0)}`,
      median(processor).toFixed(2),
      String(bytes / mebibyte),
    ];
  });
  return {
    title: `${direction === "download" ? "Download" : "Upload"} beside the peers`,
    columns: [
      ...["", "suite", "verifies", "MB/s", "÷ raw", "webtls ÷ it"],
      ...["lowest … highest", "renderer ms/MiB", "MiB"],
    ],
    rows,
    notes: [
      ...(best === undefined
        ? []
        : [`webtls ÷ the best peer that verifies (${best.name}): ${ratio(ours, speedOf(best))}`]),
      "MiB: what one transfer carries, less for who would take longer than eight seconds.",
      "libcurl.js and epoxy-tls over a Wisp server, the others over the webtls bridge.",
      ...notes,
    ],
    data: { direction, raw, measured, verifying: [...verifying], best: best?.name },
  };
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

function speedOf({ speeds }: Measured): number {
  return median(speeds);
}
