/**
 * An echo server on an OpenSSL newer than the system's: the one in the wheels of Python's
 * `cryptography`, through pyOpenSSL. `scripts/prepare.mjs` installs both for the tests alone.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GroupName } from "../../src/tls/options.ts";
import { type RealServerLimits, startInFolder, writeIdentity, writeText } from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import { startProcess } from "./process.ts";
import { opensslGroup } from "./suites.ts";
import type { LocalServer } from "./tcp.ts";

/** What the server is made to do. Unlike older ones it has the hybrid group. */
export interface PyopensslLimits extends Omit<RealServerLimits, "group"> {
  readonly group?: GroupName;
}

/** Where `scripts/prepare.mjs` puts it. */
const python = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "webtls/pyopenssl/bin/python",
);
const program = fileURLToPath(new URL("pyopenssl.py", import.meta.url));

/** Why the server can't run here, or undefined where it can. */
export function whyNoPyopenssl(): string | undefined {
  return existsSync(python) ? undefined : "run node scripts/prepare.mjs pyopenssl";
}

/** @param alpn the application protocol it speaks. */
export function startPyopenssl(
  identity: ServerIdentity,
  { version, group, clients, earlyData }: PyopensslLimits = {},
  alpn?: string,
): Promise<LocalServer> {
  return startInFolder("pyopenssl", async (folder) => {
    const { certificates, key } = await writeIdentity(folder, identity);
    const args = [program, "--cert", certificates, "--key", key];
    if (version !== undefined) args.push("--version", version);
    if (group !== undefined) {
      args.push("--group", opensslGroup[group]);
    }
    if (alpn !== undefined) args.push("--alpn", alpn);
    if (earlyData) args.push("--early-data");
    if (clients !== undefined) {
      args.push("--clients", await writeText(folder, "clients.pem", clients));
    }
    const { ready, stop } = await startProcess(python, args, {
      ready: /OpenSSL \S+ listening 127\.0\.0\.1:(\d+)\n/,
    });
    return { port: Number(ready[1]), stop };
  });
}
