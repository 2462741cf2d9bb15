/**
 * Holds webtls against BoGo, the tests of BoringSSL's `ssl/test/runner`: all of its TLS client tests
 * over TCP, or those whose names match a pattern.
 *
 *     node scripts/bogo.mjs [--if-there] [--loose-errors] [--disabled] [--debug] [pattern...]
 *
 * `--if-there` ends well where the runner can't be had, after saying why. `--loose-errors` takes any
 * error of the shim for the one expected. `--disabled` runs what `test/bogo/config.mjs` disables, too. `--debug` shows what goes
 * over the wire.
 *
 * Results stand in `reports/bogo.json`, in the runner's format and with the disabled tests. The exit
 * code is 1 if one is unexpected, or if a pattern of the configuration matches no test.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { deviations, disabled, errors } from "../test/bogo/config.mjs";
import { runTests } from "./bogo/batches.mjs";
import { listClientTests } from "./bogo/client-tests.mjs";
import { matches } from "./bogo/pattern.mjs";
import { findRunner } from "./bogo/runner.mjs";
import { buildShim } from "./bogo/shim.mjs";

/** @typedef {import("./bogo/batches.mjs").Results} Results */

const root = fileURLToPath(new URL("..", import.meta.url));
const report = join(root, "reports/bogo.json");

/** @type {Results[string]} */
const passed = { actual: "PASS", expected: "PASS", is_unexpected: false };

const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    "if-there": { type: "boolean", default: false },
    "loose-errors": { type: "boolean", default: false },
    disabled: { type: "boolean", default: false },
    debug: { type: "boolean", default: false },
  },
});

mkdirSync(join(root, "reports"), { recursive: true });
const runner = findRunner();
if ("missing" in runner) {
  console.log(`bogo: not run, as the runner could not be had: ${runner.missing}`);
  writeReport({}, { not_found: runner.missing });
  process.exitCode = options["if-there"] ? 0 : 1;
} else {
  await main(runner.path);
}

/** @param {string} path of the runner */
async function main(path) {
  const all = await listClientTests(path);
  const chosen = all.filter(
    (name) => patterns.length === 0 || patterns.some((pattern) => matches(pattern, name)),
  );
  const reasons = new Map(options.disabled ? [] : chosen.flatMap(disabledWith));
  const names = chosen.filter((name) => !reasons.has(name));
  const results = await run(path, names);
  for (const [name, result] of Object.entries(results)) {
    if (isDeviation(name, result)) results[name] = passed;
  }
  writeReport({ ...results, ...resultsOf(reasons) });
  const stray = strayPatterns(all);
  for (const pattern of stray) console.log(`bogo: the pattern ${pattern} matches no test`);
  const unexpected = sumUp(results, reasons.size);
  process.exitCode = unexpected > 0 || stray.length > 0 ? 1 : 0;
}

/**
 * @param {string} path of the runner
 * @param {readonly string[]} names
 */
async function run(path, names) {
  const folder = mkdtempSync(join(tmpdir(), "webtls-bogo-"));
  const flags = [
    ...(options["loose-errors"] ? ["-loose-errors"] : []),
    ...(options.debug ? ["-debug"] : []),
  ];
  try {
    const shim = await buildShim(root, join(folder, "shim"));
    const onLine = lineTeller(names.length);
    return await runTests(names, { runner: path, shim, folder, errors, flags, onLine });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @returns {[string, string][]} the name with the reason, where it is disabled.
 */
function disabledWith(name) {
  const group = disabled.find(({ tests }) => tests.some((pattern) => matches(pattern, name)));
  return group === undefined ? [] : [[name, group.reason]];
}

/**
 * Whether a test failed in the way that the configuration says is right, too.
 *
 * @param {string} name
 * @param {Results[string]} result
 */
function isDeviation(name, { error = "" }) {
  const entry = deviations.find(({ tests }) => tests.some((pattern) => matches(pattern, name)));
  if (entry === undefined || !error.startsWith("unexpected error\n")) return false;
  const [got = "", want = ""] = error.split("\nwant:\n");
  const alert = entry.alert === undefined ? localError(want) : `remote error: ${entry.alert}`;
  return (
    localError(got).includes(alert) && (entry.error === undefined || got.includes(entry.error))
  );
}

/**
 * What the runner met, or wanted to meet, on its own side.
 *
 * @param {string} text
 */
function localError(text) {
  return /^\tlocal: "(.*)"$/m.exec(text)?.[1] ?? "";
}

/** @param {readonly string[]} all */
function strayPatterns(all) {
  return [...disabled, ...deviations]
    .flatMap(({ tests }) => tests)
    .filter((pattern) => !all.some((name) => matches(pattern, name)));
}

/**
 * Of a few tests, all that the runner says; of many, how far it is: what it says of one that failed
 * is told at the end, for some have failed as they should.
 *
 * @param {number} total
 */
function lineTeller(total) {
  let done = 0;
  return (/** @type {string} */ line) => {
    if (total <= 100) console.log(line);
    if (/^(PASSED|UNIMPLEMENTED|FAILED) \(/.test(line) && ++done % 100 === 0) {
      console.log(`bogo: ${done} of ${total}`);
    }
  };
}

/**
 * @param {Results} results
 * @param {number} disabledCount
 */
function sumUp(results, disabledCount) {
  const names = Object.keys(results);
  const count = (/** @type {string} */ actual) =>
    names.filter((name) => results[name]?.actual === actual).length;
  const unexpected = count("FAIL");
  for (const [name, { actual, error }] of Object.entries(results)) {
    if (actual === "FAIL") console.log(`bogo: unexpected: ${name}: ${error}`);
  }
  tellFloor(results);
  const counts = [
    `${count("PASS")} passed`,
    `${disabledCount} disabled`,
    `${count("SKIP")} unimplemented`,
    `${unexpected} unexpected`,
  ];
  console.log(`bogo: ${counts.join(", ")}`);
  return unexpected;
}

/**
 * How many of the tests that rustls runs have passed, where the list of them is at hand.
 *
 * @param {Results} results
 */
function tellFloor(results) {
  const file = join(process.env.WEBTLS_VECTORS || "", "bogo/rustls-scope.txt");
  if (patterns.length > 0 || !process.env.WEBTLS_VECTORS || !existsSync(file)) return;
  const floor = readFileSync(file, "utf8").trim().split("\n");
  const missed = floor.filter((name) => results[name]?.actual !== "PASS");
  for (const name of missed) console.log(`bogo: ${name} did not pass, and rustls runs it`);
  console.log(
    `bogo: ${floor.length - missed.length} of the ${floor.length} that rustls runs passed`,
  );
}

/**
 * @param {Map<string, string>} reasons
 * @returns {Results}
 */
function resultsOf(reasons) {
  return Object.fromEntries(
    Array.from(reasons, ([name, error]) => [
      name,
      { actual: "SKIP", expected: "SKIP", is_unexpected: false, error },
    ]),
  );
}

/**
 * @param {Results} tests
 * @param {object} more
 */
function writeReport(tests, more = {}) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { actual } of Object.values(tests)) counts[actual] = (counts[actual] ?? 0) + 1;
  const results = { version: 3, num_failures_by_type: counts, ...more, tests };
  writeFileSync(report, `${JSON.stringify(results, null, 2)}\n`);
}
