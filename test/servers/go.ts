/**
 * An echo server on Go's `crypto/tls`: the source is in `go/`. It is built once, in a folder that is
 * removed with it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { GroupName, ProtocolVersionName } from "../../src/tls/options.ts";
import { startInFolder, writeIdentity, writeText } from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import { startProcess } from "./process.ts";
import type { LocalServer } from "./tcp.ts";

const run = promisify(execFile);
const source = fileURLToPath(new URL("go", import.meta.url));

/** What the server says of a connection. */
export interface Negotiated {
  /** As Go writes it, e.g. `"TLS 1.3"`. */
  readonly version: string;
  /** IANA name. */
  readonly suite: string;
  readonly group: GroupName;
  /** Whether it sent a HelloRetryRequest. */
  readonly retried: boolean;
  readonly resumed: boolean;
  /** The name in the ClientHello that counts: the inner one of ECH. */
  readonly serverName: string;
  /** Whether it accepted ECH. */
  readonly ech: boolean;
  /** How many certificates the client presented. */
  readonly clients: number;
}

/** What a server is made to do; without them, what Go does by itself. */
export interface GoLimits {
  /** The only version it speaks. */
  readonly version?: ProtocolVersionName;
  /** The only group it accepts. */
  readonly group?: GroupName;
  /** PEM of the authorities of which a client needs a certificate. */
  readonly clients?: string;
  /** The application protocol it speaks. */
  readonly alpn?: string;
  readonly ech?: EchServerKey;
}

/** What a server needs to accept ECH (RFC 9849). */
export interface EchServerKey {
  /** One ECHConfig, without the list's length. */
  readonly config: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A running server. */
export interface GoServer extends LocalServer {
  /** What it said of the latest connection. */
  negotiated(): Promise<Negotiated>;
}

/** The built program. */
export interface GoProgram {
  start(identity: ServerIdentity, limits?: GoLimits): Promise<GoServer>;
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
    start: (identity, limits = {}) => start(program, identity, limits),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function start(program: string, identity: ServerIdentity, limits: GoLimits): Promise<GoServer> {
  return startInFolder("go-server", async (folder) => {
    const { certificates, key } = await writeIdentity(folder, identity);
    const args = ["-cert", certificates, "-key", key];
    const { version, group, clients, alpn, ech } = limits;
    if (version !== undefined) args.push("-version", version);
    if (group !== undefined) args.push("-group", group);
    if (alpn !== undefined) args.push("-alpn", alpn);
    if (clients !== undefined) {
      args.push("-clients", await writeText(folder, "clients.pem", clients));
    }
    if (ech !== undefined) {
      args.push("-ech", hex(ech.config), "-ech-key", hex(ech.privateKey));
    }
    const server = await startProcess(program, args, {
      ready: /listening 127\.0\.0\.1:(\d+)\n/,
    });
    return {
      port: Number(server.ready[1]),
      async negotiated() {
        await server.printed(/\n\{.*\}\n/);
        const line = server.output().trim().split("\n").at(-1) ?? "";
        return JSON.parse(line) as Negotiated;
      },
      stop: server.stop,
    };
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
