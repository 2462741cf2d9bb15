/**
 * The real websockify (Debian's package), with a token file or a fixed target.
 *
 * @module
 */

import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProcess } from "./process.ts";

/** A websockify that leads to what its token file names. */
export interface Websockify {
  /** `ws://127.0.0.1:port/websockify`, without a token. */
  readonly url: string;
  /** Of its first process; each connection has another. */
  readonly pid: number;
  /** Adds a line `token: host:port`; the next connection sees it. */
  allow(token: string, target: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts websockify with the plugin `TokenFile` and no tokens yet. */
export async function startWebsockify(): Promise<Websockify> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-websockify-"));
  const tokens = join(folder, "tokens");
  await writeFile(tokens, "");
  const { url, pid, stop } = await start(["--token-plugin", "TokenFile", "--token-source", tokens]);
  return {
    url,
    pid,
    allow: (token, target) => appendFile(tokens, `${token}: ${target}\n`),
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts websockify with one target, `host:port`. */
export function startFixedWebsockify(
  target: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  return start([], [target]);
}

async function start(options: readonly string[], target: readonly string[] = []) {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      const { child, stop } = await startProcess(
        "websockify",
        ["--idle-timeout=600", ...options, `127.0.0.1:${port}`, ...target],
        { ready: /proxying from 127\.0\.0\.1:\d+ to /, env: { PYTHONUNBUFFERED: "1" } },
      );
      return { url: `ws://127.0.0.1:${port}/websockify`, pid: child.pid ?? 0, stop };
    } catch (error) {
      // Another program may have taken the port in between.
      if (tries === 3 || !String(error).includes("Address already in use")) throw error;
    }
  }
}
