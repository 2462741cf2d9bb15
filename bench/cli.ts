/**
 * The command line of the benchmarks: which to run, how often, and where the figures go.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Benchmark, formatTable } from "./report.ts";

const results = fileURLToPath(new URL("results", import.meta.url));

/** Loaded when they are run: some need programs that others do without. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  download: async () => (await import("./throughput.ts")).download,
  upload: async () => (await import("./throughput.ts")).upload,
  latency: async () => (await import("./latency.ts")).latency,
  size: async () => (await import("./size.ts")).size,
  handshake: async () => (await import("./handshake.ts")).handshake,
  node: async () => (await import("./node.ts")).node,
  scale: async () => (await import("./scale.ts")).scale,
  memory: async () => (await import("./memory.ts")).memory,
  "peers-download": async () => (await import("./peers/transfers.ts")).peersDownload,
  "peers-upload": async () => (await import("./peers/transfers.ts")).peersUpload,
  "peers-latency": async () => (await import("./peers/latency.ts")).peersLatency,
  "peers-handshake": async () => (await import("./peers/handshakes.ts")).peersHandshake,
  "peers-size": async () => (await import("./peers/size.ts")).peersSize,
};

/** @returns whether all went well. */
export async function bench(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      runs: { type: "string" },
      short: { type: "boolean", default: false },
      peers: { type: "boolean", default: true },
    },
  });
  const { short, peers } = values;
  const runs = Number(values.runs ?? (short ? 1 : 5));
  const all = Object.keys(benchmarks).filter((name) => peers || !name.startsWith("peers-"));
  const names = positionals.length > 0 ? positionals : all;
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
    console.error(
      `Usage: npm run bench -- [${Object.keys(benchmarks).join("] [")}] [--runs 5] [--no-peers]`,
    );
    return false;
  }
  for (const name of names) {
    const run = await benchmarks[name]?.();
    const reports = (await run?.({ runs, short })) ?? [];
    for (const report of reports) {
      console.log(`\n${report.title}\n\n${formatTable(report)}`);
      for (const note of report.notes ?? []) console.log(note);
    }
    await mkdir(results, { recursive: true });
    const about = { date: new Date().toISOString(), runs, short, machine: machine() };
    const file = `${results}/${name}.json`;
    await writeFile(file, `${JSON.stringify({ name, ...about, reports }, undefined, 2)}\n`);
  }
  return true;
}

function machine() {
  const processors = cpus();
  return { node: process.version, cores: processors.length, processor: processors[0]?.model };
}
