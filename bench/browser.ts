/**
 * Chromium, started with a page and left alone.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchOptions } from "../e2e/rig/chromium.ts";

/** It may run this long, in milliseconds, whatever happens to who has started it. */
const lifetime = 60 * 60_000;

export interface RunningBrowser {
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param args further ones of Chromium's command line. */
export async function startBrowser(url: string, args: string[] = []): Promise<RunningBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "webtls-bench-"));
  const own = ["--headless", "--no-first-run", `--user-data-dir=${profile}`];
  const child = spawn(
    launchOptions.executablePath,
    [...launchOptions.args, ...own, ...args, url],
    // A group of its own, so that all of its processes can be ended.
    { stdio: "ignore", detached: true },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended already.
    }
  };
  const end = () => signal("SIGKILL");
  const timer = setTimeout(end, lifetime);
  process.once("exit", end);
  return {
    pid: child.pid ?? 0,
    async stop() {
      signal("SIGTERM");
      const last = setTimeout(end, 3000);
      await exited;
      clearTimeout(last);
      clearTimeout(timer);
      process.off("exit", end);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
