/**
 * Runs the runner over named tests, in as many turns as its command line needs, and puts the results
 * together.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Longest list of names in one argument: Linux takes 128 KiB (MAX_ARG_STRLEN). */
const maxList = 100_000;

/**
 * @typedef {{ actual: "PASS" | "FAIL" | "SKIP", expected: string, is_unexpected: boolean,
 *   error?: string }} Result
 * @typedef {Record<string, Result>} Results by name
 * @typedef {{ runner: string, shim: string, folder: string, errors: Record<string, readonly string[]>,
 *   flags: readonly string[], onLine: (line: string) => void }} Setting
 */

/**
 * @param {readonly string[]} names
 * @param {Setting} setting
 * @returns {Promise<Results>}
 */
export async function runTests(names, setting) {
  /** @type {Results} */
  const results = {};
  for (const batch of batchesOf(names)) Object.assign(results, await runBatch(batch, setting));
  return results;
}

/** @param {readonly string[]} names */
function* batchesOf(names) {
  /** @type {string[]} */
  let batch = [];
  let length = 0;
  for (const name of names) {
    if (length + name.length + 1 > maxList) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(name);
    length += name.length + 1;
  }
  if (batch.length > 0) yield batch;
}

/**
 * @param {readonly string[]} names
 * @param {Setting} setting
 * @returns {Promise<Results>}
 */
async function runBatch(names, { runner, shim, folder, errors, flags, onLine }) {
  const config = join(folder, "config.json");
  const output = join(folder, "results.json");
  writeFileSync(config, JSON.stringify({ ErrorMap: errors }));
  rmSync(output, { force: true });
  const args = ["-shim-path", shim, "-shim-config", config, "-json-output", output];
  // One more than there are processors: each test waits for its shim now and then.
  args.push("-num-workers", String(availableParallelism() + 1));
  args.push("-pipe", "-allow-unimplemented", "-test", names.join(";"), ...flags);
  const child = spawn(runner, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (!existsSync(output)) throw new Error("the runner wrote no results: see what it printed");
  return JSON.parse(readFileSync(output, "utf8")).tests;
}
