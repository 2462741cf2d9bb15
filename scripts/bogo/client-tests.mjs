/**
 * The runner's TLS client tests over TCP. The runner has no list of its tests, so it is run once with
 * a shim that does nothing but note whether it was started for one of them.
 */

import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cacheFolder } from "./runner.mjs";

/** Answers "not implemented" to every test, and writes a line about each. */
const notingShim = (/** @type {string} */ log) => `#!/bin/sh
case "$1" in -is-handshaker-supported) echo No; exit 0 ;; esac
for flag in "$@"; do
  case "$flag" in -server | -dtls | -quic) echo other >> '${log}'; exit 89 ;; esac
done
echo client >> '${log}'
exit 89
`;

/**
 * @param {string} runner
 * @returns {Promise<string[]>} their names, in the runner's order.
 */
export async function listClientTests(runner) {
  const { size, mtimeMs } = statSync(runner);
  const file = join(cacheFolder(), `${basename(runner)}-${size}-${Math.floor(mtimeMs)}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  console.log("bogo: listing the runner's tests");
  const folder = mkdtempSync(join(tmpdir(), "webtls-bogo-"));
  try {
    const names = await list(runner, folder);
    writeFileSync(file, JSON.stringify(names));
    return names;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} runner
 * @param {string} folder
 */
async function list(runner, folder) {
  const shim = join(folder, "shim");
  const log = join(folder, "log");
  writeFileSync(log, "");
  writeFileSync(shim, notingShim(log));
  chmodSync(shim, 0o755);
  // One after the other, so that the lines of both are in the same order.
  const args = ["-shim-path", shim, "-pipe", "-allow-unimplemented", "-num-workers", "1"];
  const output = await textOf(runner, args, folder);
  const names = Array.from(output.matchAll(/^UNIMPLEMENTED \((.*)\)$/gm), ([, name]) => name);
  const kinds = readFileSync(log, "utf8").trim().split("\n");
  if (names.length !== kinds.length) {
    throw new Error(`the runner named ${names.length} tests, and started ${kinds.length}`);
  }
  return names.filter((_, index) => kinds[index] === "client");
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<string>}
 */
function textOf(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`the runner ended with ${code}: ${text.slice(-1000)}`));
    });
  });
}
