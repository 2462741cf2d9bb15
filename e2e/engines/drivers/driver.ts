/**
 * What the suite needs of an engine: that it opens a page. No debugging protocol is attached, so the
 * engine runs as a user's does.
 *
 * @module
 */

import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "../../../test/servers/process.ts";

/** An engine on this machine. */
export interface Driver {
  /** As the matrix names it. */
  readonly name: string;
  /**
   * Starts the engine with this page and nothing else.
   *
   * @throws Error that names the Debian package to install, where the engine is missing.
   */
  open(url: string): Promise<OpenEngine>;
}

/** An engine that runs. */
export interface OpenEngine {
  /** Everything it has printed so far. */
  output(): string;
  /** Ends it with all its processes and removes its profile. */
  close(): Promise<void>;
}

/** A program and the Debian package that brings it. */
export interface Program {
  /** Absolute. */
  readonly path: string;
  readonly package: string;
}

/** @throws Error that names the package, where the program is missing. */
export async function requireProgram(program: Program): Promise<void> {
  try {
    await access(program.path, constants.X_OK);
  } catch (cause) {
    const install = `sudo apt-get install ${program.package}`;
    throw new Error(`${program.path} is not there. To install it: ${install}`, { cause });
  }
}

/**
 * Starts an engine in a fresh profile, which is its home folder too.
 *
 * @param setUp fills the profile and says how to start the engine in it.
 */
export async function startEngine(
  program: Program,
  setUp: (profile: string) => Promise<{ args: string[]; env?: Record<string, string> }>,
): Promise<OpenEngine> {
  await requireProgram(program);
  const profile = await mkdtemp(join(tmpdir(), "webtls-profile-"));
  // Processes of an engine that are just being ended may still write.
  const remove = () =>
    rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  try {
    const { args, env } = await setUp(profile);
    const home = { HOME: profile, XDG_CACHE_HOME: profile, XDG_CONFIG_HOME: profile };
    // It says nothing when it is ready: that shows when the page asks for work.
    const engine = await startProcess(program.path, args, {
      ready: /^/,
      env: { ...home, XDG_DATA_HOME: profile, ...env },
    });
    return {
      output: engine.output,
      async close() {
        await engine.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
