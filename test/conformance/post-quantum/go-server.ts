/**
 * The server of `server/`, on Go's `crypto/tls`: built once, in a folder that is removed with it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { GroupName } from "../../../src/tls/options.ts";
import type { ServerIdentity } from "../../servers/openssl.ts";
import { startProcess } from "../../servers/process.ts";

const run = promisify(execFile);
const source = fileURLToPath(new URL("server", import.meta.url));

/** What the server says of a connection. */
export interface Negotiated {
  /** As Go writes it, e.g. `"TLS 1.3"`. */
  readonly version: string;
  /** IANA name. */
  readonly suite: string;
  readonly group: GroupName;
  /** Whether it sent a HelloRetryRequest. */
  readonly retried: boolean;
}

/** A running server. It echoes what it receives. */
export interface GoServer {
  readonly port: number;
  /** What it said of the latest connection. */
  negotiated(): Promise<Negotiated>;
  stop(): Promise<void>;
}

/** The built program. */
export interface GoProgram {
  /** @param group the only one the server accepts. */
  start(identity: ServerIdentity, group: GroupName): Promise<GoServer>;
  remove(): Promise<void>;
}

/** Why the server can't be built here, or undefined where it can: it needs Go 1.26. */
export async function whyNoGo(): Promise<string | undefined> {
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"], { timeout: 20_000 });
    const [, minor = "0"] = /^go1\.(\d+)/.exec(stdout) ?? [];
    return Number(minor) >= 26 ? undefined : `Go is ${stdout.trim()}, and 1.26 is needed`;
  } catch {
    return "Go was not found";
  }
}

export async function buildGoProgram(): Promise<GoProgram> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-go-"));
  const program = join(folder, "server");
  // Nothing but the standard library and the toolchain at hand: nothing is fetched.
  const env = { ...process.env, GOTOOLCHAIN: "local", GOPROXY: "off", GOFLAGS: "-mod=mod" };
  await run("go", ["build", "-o", program, "."], { cwd: source, env, timeout: 240_000 });
  return {
    start: (identity, group) => start(program, folder, identity, group),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function start(
  program: string,
  folder: string,
  identity: ServerIdentity,
  group: GroupName,
): Promise<GoServer> {
  const certificates = join(folder, "chain.pem");
  const key = join(folder, "key.pem");
  await writeFile(certificates, identity.chainPem);
  await writeFile(key, identity.privateKey);
  const server = await startProcess(
    program,
    ["-cert", certificates, "-key", key, "-group", group],
    { ready: /listening 127\.0\.0\.1:(\d+)\n/ },
  );
  return {
    port: Number(server.ready[1]),
    async negotiated() {
      await server.printed(/\n\{.*\}\n/);
      const line = server.output().trim().split("\n").at(-1) ?? "";
      return JSON.parse(line) as Negotiated;
    },
    stop: server.stop,
  };
}
