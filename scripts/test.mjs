/**
 * Runs everything `npm test` promises, in order and to the end, and sums it up:
 *
 *     node scripts/test.mjs [test | engines | interop | conformance]
 *
 * Each runner's own report stands in `reports/`, the sum in `reports/summary-<name>.json`. It ends with
 * what failed, and the line `N passed, N failed, N skipped`; the exit code is 1 if anything failed.
 * Checks that run no tests (linter, types, build) count as one each.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBogo, readPlaywright, readVitest } from "./reports.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = join(root, "reports");

/**
 * A step: a command, and where it runs tests, the report to count them by.
 *
 * @typedef {{ title: string, command: string[], report?: string, read?: (report: never) => Outcome,
 *   env?: Record<string, string>, minutes: number }} Step
 * @typedef {import("./reports.mjs").Outcome} Outcome
 */

/** What the short form of the benchmarks runs: what has a ratio to a raw WebSocket, or a size. */
const shortBenchmarks = ["size", "download", "upload", "latency", "handshake"];

/** @type {Record<string, () => Step[]>} */
const plans = {
  test: () => [
    {
      title: "Format and lint, the dependency rule included",
      command: ["biome", "check"],
      minutes: 1,
    },
    { title: "Types of page, Node and tests", command: ["tsc", "-p", "."], minutes: 2 },
    {
      title: "Types of the worker",
      command: ["tsc", "-p", "tsconfig.worker.json"],
      minutes: 2,
    },
    ...packageSteps(),
    vitest("Unit tests", "vitest", "vitest.config.ts", 8),
    {
      title: "Browser tests",
      command: ["playwright", "test", "--reporter=list,json"],
      report: "playwright.json",
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: join(reports, "playwright.json") },
      read: readPlaywright,
      minutes: 13,
    },
  ],
  engines: () => [engines()],
  interop: () => interopSteps(),
  conformance: () => [
    vitest("Conformance suites", "conformance", "test/conformance/vitest.config.ts", 12),
    {
      title: "BoGo",
      command: ["node", "scripts/bogo.mjs", "--if-there"],
      report: "bogo.json",
      read: readBogo,
      minutes: 25,
    },
    ...interopSteps(),
    engines(),
    {
      title: "Benchmarks in short: ratios to read, none to pass",
      command: ["node", "scripts/bench.mjs", "--short", "--no-peers", ...shortBenchmarks],
      minutes: 6,
    },
  ],
};

await main(process.argv[2] ?? "test");

/** @param {string} name */
async function main(name) {
  const plan = plans[name];
  if (plan === undefined) {
    console.error(`unknown suite "${name}": expected ${Object.keys(plans).join(" or ")}.`);
    process.exit(2);
  }
  await mkdir(reports, { recursive: true });
  /** @type {Outcome} */
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const step of plan()) {
    console.log(`\n=== ${step.title}: ${step.command.join(" ")}`);
    const outcome = await runStep(step);
    sum.passed += outcome.passed;
    sum.failed += outcome.failed;
    sum.skipped += outcome.skipped;
    sum.failures.push(...outcome.failures.map((failure) => `${step.title}: ${failure}`));
  }
  await writeFile(join(reports, `summary-${name}.json`), `${JSON.stringify(sum)}\n`);
  console.log(sum.failed > 0 ? "\n=== What failed" : "\n=== All good");
  for (const failure of sum.failures) console.log(failure);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

/** Builds the package, where it has a build, and checks what was built as a package. */
function packageSteps() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (scripts.build === undefined) return [];
  return [
    { title: "Build", command: ["npm", "run", "--silent", "build"], minutes: 3 },
    { title: "Package", command: ["publint", "--strict"], minutes: 1 },
  ];
}

/** Real servers, and what a bridge sees. */
function interopSteps() {
  const config = "test/interop/vitest.config.ts";
  const servers = vitest("Real servers", "interop", config, 6);
  const capture = vitest("What a bridge sees", "capture", config, 4);
  return [
    {
      ...servers,
      command: [...servers.command, "--reporter=./test/matrix.ts", "test/interop"],
    },
    { ...capture, command: [...capture.command, "test/capture"] },
  ];
}

/** @returns {Step} */
function engines() {
  const step = vitest("Three browser engines", "engines", "e2e/engines/vitest.config.ts", 6);
  return { ...step, command: [...step.command, "--reporter=./test/matrix.ts"] };
}

/**
 * @param {string} title
 * @param {string} name of its report
 * @param {string} config
 * @param {number} minutes
 * @returns {Step}
 */
function vitest(title, name, config, minutes) {
  const report = `${name}.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile=reports/${report}`];
  return {
    title,
    command: ["vitest", "run", "-c", config, ...reporters],
    report,
    read: readVitest,
    minutes,
  };
}

/**
 * @param {Step} step
 * @returns {Promise<Outcome>}
 */
async function runStep({ command, report, read, env, minutes }) {
  const path = report && join(reports, report);
  // A report of an earlier run must not stand in for one that this run does not get to write.
  if (path) await rm(path, { force: true });
  const good = await run(command, env, minutes);
  const outcome =
    path && read && existsSync(path)
      ? read(JSON.parse(await readFile(path, "utf8")))
      : { passed: path || !good ? 0 : 1, failed: 0, skipped: 0, failures: [] };
  // It failed without a failed test: an error outside of tests, no tests at all, or out of time.
  if (!good && outcome.failed === 0) {
    return { ...outcome, failed: 1, failures: ["ended badly: see what it printed"] };
  }
  return outcome;
}

/**
 * @param {string[]} command the first word is a program of the project's dependencies, or of PATH
 * @param {Record<string, string>} env
 * @param {number} minutes
 * @returns {Promise<boolean>} whether it ended well and in time
 */
function run([program, ...args], env = {}, minutes) {
  const local = join(root, "node_modules/.bin", program);
  const child = spawn(existsSync(local) ? local : program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      console.error(`${program} took longer than ${minutes} minutes: ended.`);
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
    }, minutes * 60_000);
    child.once("error", (error) => {
      console.error(error.message);
      clearTimeout(timer);
      resolve(false);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}
