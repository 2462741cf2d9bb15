/**
 * NSS's `selfserv`, a web server of sorts on the library that Firefox has. It takes one request a
 * connection, of ten kilobytes at most, and serves any file of the machine that it can read.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { confinedPort, startConfined } from "./confined.ts";
import { type RealServerLimits, startInFolder, writeIdentity, writeText } from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import type { LocalServer } from "./tcp.ts";

/** NSS's names on its command line. */
const groups = { x25519: "x25519", secp256r1: "P256", secp384r1: "P384", secp521r1: "P521" };

/** What else a server is made to do. */
export interface SelfservLimits extends RealServerLimits {
  /** Whether it asks for a client certificate when there is a request (RFC 8446 §4.6.2). */
  readonly asksAgain?: boolean;
}

/** @param files served by their names. */
export function startSelfserv(
  identity: ServerIdentity,
  limits: SelfservLimits = {},
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<LocalServer> {
  const { version, group, clients, earlyData, asksAgain } = limits;
  return startInFolder("selfserv", async (folder) => {
    await makeDatabase(folder, identity, clients);
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
    }
    const range = version?.replace("TLSv", "tls") ?? "tls1.2";
    return startConfined({
      command: "selfserv",
      args: [
        ...["-d", `sql:${folder}`, "-e", nickname, "-p", `${confinedPort}`],
        ...["-V", `${range}:${version === undefined ? "" : range}`],
        ...(group === undefined ? [] : ["-I", groups[group]]),
        // Requests a certificate in the first handshake, and requires it.
        ...(clients === undefined ? [] : ["-r", "-r"]),
        ...(asksAgain ? ["-E", "-r", "-r", "-r"] : []),
        ...(earlyData ? ["-Z"] : []),
        // Says when it is ready; ALPN; the extended master secret; tickets.
        ...["-v", "-Q", "-G", "-u"],
      ],
      ready: /About to call accept/,
      folder,
    });
  });
}

const nickname = "server";

/**
 * The chain and the key as NSS wants them: in a database, into which they come by PKCS #12.
 *
 * @param clients the authority of clients' certificates.
 */
async function makeDatabase(
  folder: string,
  identity: ServerIdentity,
  clients: string | undefined,
): Promise<void> {
  const run = (command: string, args: string[]) =>
    promisify(execFile)(command, args, { cwd: folder, timeout: 20_000 });
  const { certificates, key } = await writeIdentity(folder, identity);
  const archive = join(folder, "server.p12");
  await run("openssl", [
    ...["pkcs12", "-export", "-in", certificates, "-inkey", key],
    ...["-name", nickname, "-passout", "pass:webtls", "-out", archive],
  ]);
  await run("certutil", ["-N", "-d", `sql:${folder}`, "--empty-password"]);
  await run("pk12util", ["-i", archive, "-d", `sql:${folder}`, "-W", "webtls", "-K", ""]);
  if (clients === undefined) return;
  const authority = await writeText(folder, "clients.pem", clients);
  await run("certutil", [
    ...["-A", "-d", `sql:${folder}`, "-n", "clients", "-t", "T,,", "-i", authority],
  ]);
}
