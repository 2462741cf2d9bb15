/**
 * The Wisp server from npm, as a bridge of the benchmarks.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type RunningProcess, startProcess } from "../../test/servers/process.ts";
import { peersFolder } from "./install.ts";

/** Starts it; the peers have been installed. What `ready` has matched holds its URL, which ends in `/`. */
export function startWispServer(): Promise<RunningProcess> {
  const program = fileURLToPath(new URL("wisp-server.mjs", import.meta.url));
  const server = `${peersFolder}/node_modules/@mercuryworkshop/wisp-js/src/entrypoints/server.mjs`;
  return startProcess(process.execPath, [program, server], { ready: /listens at (ws:\S+)/ });
}
