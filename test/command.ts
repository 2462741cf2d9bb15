/**
 * Programs that tests run to their end, on files in a folder that lives as long as the run.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program, its arguments, and the files it finds in the folder that it runs in. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** What became of one. */
export interface Outcome {
  readonly code: number;
  /** Both outputs. */
  readonly text: string;
}

/**
 * Runs programs one after another in one folder.
 *
 * @param result the name of the file that is wanted of them.
 * @throws Error with what a program printed where it failed.
 */
export async function make(result: string, ...commands: readonly Command[]): Promise<Buffer> {
  return inFolder(async (folder) => {
    for (const command of commands) {
      const { code, text } = await runIn(folder, command);
      if (code !== 0) throw new Error(`${command.program} ${command.args.join(" ")}: ${text}`);
    }
    return readFile(join(folder, result));
  });
}

/** Runs a program. */
export function run(command: Command): Promise<Outcome> {
  return inFolder((folder) => runIn(folder, command));
}

/** An `openssl` command. */
export function openssl(args: readonly string[], files: Command["files"] = {}): Command {
  return { program: "openssl", args, files };
}

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-command-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, { program, args, files = {} }: Command): Promise<Outcome> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: folder, timeout: 20_000 }, (error, out, err) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), text: out + err });
    });
  });
}
