/**
 * Where programs that serve keep their files: a folder of their own, gone when they end; and a port
 * that is theirs, for those that can't choose a free one.
 *
 * @module
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerIdentity } from "./openssl.ts";
import type { PeerLimits } from "./peers.ts";
import { freePort, type ProcessOptions, startProcess } from "./process.ts";
import type { LocalServer } from "./tcp.ts";

/** What a real server is made to do; what it does by itself where left out. */
export interface RealServerLimits extends Pick<PeerLimits, "version" | "group"> {
  /** PEM of the authorities of which a client needs a certificate. */
  readonly clients?: string;
  /** Whether it takes early data (RFC 8446 §4.2.10). */
  readonly earlyData?: boolean;
}

/** Starts a server in a new folder. */
export async function startInFolder<Server extends LocalServer>(
  name: string,
  start: (folder: string) => Promise<Server>,
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `webtls-${name}-`));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const server = await start(folder);
    return {
      ...server,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Writes the chain and the key as files, and gives their paths. */
export async function writeIdentity(folder: string, { chainPem, privateKey }: ServerIdentity) {
  const certificates = join(folder, "chain.pem");
  const key = join(folder, "key.pem");
  await writeFile(certificates, chainPem);
  await writeFile(key, privateKey, { mode: 0o600 });
  return { certificates, key };
}

/** Writes a file, and gives its path. */
export async function writeText(
  folder: string,
  name: string,
  text: string | Uint8Array,
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** The command line for a port, and what else goes with it. */
export interface PortCommand extends ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
}

/** Starts a program on a free port; on another where someone else was quicker. */
export async function startOnFreePort(
  commandFor: (port: number) => PortCommand | Promise<PortCommand>,
): Promise<LocalServer> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const { command, args, ...options } = await commandFor(port);
    // Debian keeps servers where only root's PATH looks.
    const env = { PATH: `${process.env.PATH}:/usr/sbin`, ...options.env };
    try {
      const { stop } = await startProcess(command, args, { ...options, env });
      return { port, stop };
    } catch (error) {
      if (tries === 3 || !/in use|PR_Bind/i.test(String(error))) throw error;
    }
  }
}
