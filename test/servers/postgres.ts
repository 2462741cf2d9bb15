/**
 * PostgreSQL, with TLS behind its SSLRequest. Everyone on loopback is let in.
 *
 * By itself it takes no group but P-256.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { accountFor, give, runBy } from "./account.ts";
import {
  type RealServerLimits,
  startInFolder,
  startOnFreePort,
  writeIdentity,
  writeText,
} from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import { opensslGroup } from "./suites.ts";
import type { LocalServer } from "./tcp.ts";

export function startPostgres(
  identity: ServerIdentity,
  { version, group, clients }: RealServerLimits = {},
): Promise<LocalServer> {
  return startInFolder("postgres", async (folder) => {
    const account = await accountFor("postgres");
    const { certificates, key } = await writeIdentity(folder, identity);
    await give(account, folder, key);
    const data = join(folder, "data");
    const programs = await programFolder();
    const initdb = runBy(account, join(programs, "initdb"), [
      ...["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
    ]);
    await promisify(execFile)(initdb.command, [...initdb.args], { cwd: folder, timeout: 60_000 });

    const settings: Record<string, string> = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      ssl: "on",
      ssl_cert_file: certificates,
      ssl_key_file: key,
      fsync: "off",
    };
    if (version !== undefined) {
      settings.ssl_min_protocol_version = version;
      settings.ssl_max_protocol_version = version;
    }
    if (clients !== undefined) {
      settings.ssl_ca_file = await writeText(folder, "clients.pem", clients);
      settings.hba_file = await writeText(
        folder,
        "hba.conf",
        "hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n",
      );
    }
    if (group !== undefined) settings.ssl_ecdh_curve = opensslGroup[group];
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return startOnFreePort((port) => ({
      ...runBy(account, join(programs, "postgres"), ["-D", data, "-p", `${port}`, ...args]),
      cwd: folder,
      ready: /database system is ready to accept connections/,
    }));
  });
}

/** Debian keeps the programs of each major version in a folder outside of PATH. */
async function programFolder(): Promise<string> {
  const all = "/usr/lib/postgresql";
  const [latest] = (await readdir(all)).sort((a, b) => Number(b) - Number(a));
  if (latest === undefined) throw new Error(`${all} is empty: install Debian's postgresql`);
  return join(all, latest, "bin");
}
