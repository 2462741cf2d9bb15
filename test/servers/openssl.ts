/**
 * `openssl s_server`, one connection at a time.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeText } from "./folder.ts";
import { freePort, type RunningProcess, startProcess } from "./process.ts";

/** What a server needs of its certificate, as `authority.issue()` gives it. */
export interface ServerIdentity {
  /** Leaf first, in PEM. */
  readonly chainPem: string;
  /** PKCS#8 in PEM. */
  readonly privateKey: string;
}

/**
 * What it does with what it receives: `"reverse"` answers each line reversed and prints what was
 * negotiated; `"echo"` answers every byte as it is, in any amount, and prints nothing;
 * `"interactive"` prints it, and sends what is typed.
 */
export type OpensslMode = "reverse" | "echo" | "interactive";

/** A running `s_server`. */
export interface OpensslServer {
  readonly port: number;
  /** Waits for what it prints to match; not in the mode `"echo"`. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /**
   * Types a line, in the mode `"interactive"`: it is sent, unless it begins with a command of
   * s_server's, such as `K` for a KeyUpdate that asks for one in return.
   */
  type(line: string): void;
  stop(): Promise<void>;
}

/**
 * @param args further options of s_server, e.g. `["-tls1_2", "-groups", "P-384"]`.
 * @param files options that take the name of a file, with what is in it, e.g. `{ "-CAfile": pem }`
 * or `{ "-status_file": ocspResponse }`.
 */
export async function startOpenssl(
  identity: ServerIdentity,
  args: readonly string[] = [],
  mode: OpensslMode = "reverse",
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<OpensslServer> {
  const folder = await mkdtemp(join(tmpdir(), "webtls-openssl-"));
  const common = [...(await identityFiles(folder, identity)), ...args];
  for (const [option, text] of Object.entries(files)) {
    common.push(option, await writeText(folder, `${option.slice(1)}.pem`, text));
  }
  try {
    const { port, server } = await (mode === "echo" ? startEcho(common) : startLines(common, mode));
    return {
      port,
      printed: server.printed,
      type: (line) => server.child.stdin?.write(`${line}\n`),
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The options that name the identity's files. s_server takes the leaf and the rest apart. */
async function identityFiles(folder: string, identity: ServerIdentity): Promise<string[]> {
  const [leaf = "", ...rest] = identity.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
  const options: string[] = [];
  const add = async (option: string, name: string, text: string) => {
    options.push(option, await writeText(folder, name, text));
  };
  await add("-cert", "leaf.pem", leaf);
  await add("-key", "key.pem", identity.privateKey);
  const above = rest.join("").trim();
  if (above !== "") await add("-cert_chain", "above.pem", above);
  return options;
}

async function startLines(args: string[], mode: "reverse" | "interactive") {
  const reverse = mode === "reverse" ? ["-rev"] : [];
  const server = await startProcess(
    "openssl",
    ["s_server", "-accept", "127.0.0.1:0", ...reverse, ...args],
    { ready: /ACCEPT 127\.0\.0\.1:(\d+)\n/, input: mode === "interactive" },
  );
  return { port: Number(server.ready[1]), server };
}

async function startEcho(args: string[]) {
  // With -quiet, which keeps its output clean, it does not say which port it took.
  const port = await freePort();
  const server = await startProcess(
    "openssl",
    ["s_server", "-accept", `127.0.0.1:${port}`, "-quiet", ...args],
    { ready: /^/, input: true, output: true },
  );
  const { stdin, stdout } = server.child;
  if (!stdin || !stdout) throw new Error("s_server was started without pipes");
  stdin.on("error", () => {});
  // Without regard to backpressure: s_server writes what it received before it reads what it is to
  // send, and would wait for itself.
  stdout.on("data", (chunk: Buffer) => stdin.write(chunk));
  await accepting(port, server);
  return { port, server };
}

/** Tries until a connection is taken. s_server counts the one taken as failed and goes on. */
async function accepting(port: number, server: RunningProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (taken) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await server.stop();
  throw new Error(`s_server never listened: ${server.output()}`);
}
