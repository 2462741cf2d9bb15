/**
 * Where the runner is: a program of BoringSSL's Go module, built once for each machine.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Go module that brings the runner, at the version held against. */
const module = "boringssl.googlesource.com/boringssl.git";
const version = "v0.0.0-20260821155238-a0689af29e8e";

/** Longest time of one Go command, in milliseconds: it may have to download a toolchain. */
const goTimeout = 10 * 60_000;

/**
 * The runner that the environment variable `WEBTLS_BOGO_RUNNER` names, else the one in the user's
 * cache, which is built where it is missing.
 *
 * @returns {{ path: string } | { missing: string }} or why there is none.
 */
export function findRunner() {
  const named = process.env.WEBTLS_BOGO_RUNNER;
  if (named) {
    if (existsSync(named)) return { path: named };
    return { missing: `WEBTLS_BOGO_RUNNER names ${named}, which is not there` };
  }
  const path = join(cacheFolder(), `runner-${version}`);
  if (existsSync(path)) return { path };
  const reason = buildRunner(path);
  return reason === undefined ? { path } : { missing: reason };
}

/** Where what the runner needs is kept, outside the project. */
export function cacheFolder() {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "webtls/bogo");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {string} path
 * @returns {string | undefined} why it could not be built.
 */
function buildRunner(path) {
  console.log(`bogo: building the runner of ${module} ${version}`);
  const download = go(["mod", "download", "-json", `${module}@${version}`]);
  if (download.reason !== undefined) return download.reason;
  const { Dir: folder, Error: error } = JSON.parse(download.output);
  if (error) return error;
  // Under its name only once it is whole.
  const partial = `${path}.${process.pid}`;
  const build = go(["test", "-c", "-o", partial, "."], join(folder, "ssl/test/runner"));
  if (build.reason !== undefined) return build.reason;
  renameSync(partial, path);
  return undefined;
}

/**
 * @param {string[]} args
 * @param {string} [folder]
 * @returns {{ output: string, reason?: string }}
 */
function go(args, folder = cacheFolder()) {
  const { error, status, stdout, stderr } = spawnSync("go", args, {
    cwd: folder,
    encoding: "utf8",
    timeout: goTimeout,
  });
  if (error) return { output: "", reason: `go could not be run: ${error.message}` };
  if (status === 0) return { output: stdout };
  // `go mod download -json` tells its error in what it prints.
  const reason = /"Error": "(.*)"/.exec(stdout)?.[1] ?? stderr.trim();
  return { output: stdout, reason: `go ${args.join(" ")}: ${reason}` };
}
