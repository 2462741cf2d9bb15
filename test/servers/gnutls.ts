/**
 * GnuTLS's `gnutls-serv`, which answers every byte as it is.
 *
 * @module
 */

import { confinedPort, startConfined } from "./confined.ts";
import { type RealServerLimits, startInFolder, writeIdentity, writeText } from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import type { LocalServer } from "./tcp.ts";

/** GnuTLS's names in priority strings. */
const groups = {
  x25519: "GROUP-X25519",
  secp256r1: "GROUP-SECP256R1",
  secp384r1: "GROUP-SECP384R1",
  secp521r1: "GROUP-SECP521R1",
} as const;

/**
 * @param alpn the application protocol it speaks.
 * @param args further options of gnutls-serv.
 * @param rawPublicKey its key in PEM, which it shows alone to clients that offer that (RFC 7250).
 */
export function startGnutls(
  identity: ServerIdentity,
  { version, group, clients, earlyData }: RealServerLimits = {},
  alpn?: string,
  args: readonly string[] = [],
  rawPublicKey?: string,
): Promise<LocalServer> {
  return startInFolder("gnutls", async (folder) => {
    const { certificates, key } = await writeIdentity(folder, identity);
    const priority = ["NORMAL"];
    if (version !== undefined) priority.push("-VERS-ALL", `+VERS-${version.replace("v", "")}`);
    if (group !== undefined) priority.push("-GROUP-ALL", `+${groups[group]}`);
    const more = alpn === undefined ? [] : [`--alpn=${alpn}`];
    if (earlyData) more.push("--earlydata");
    if (rawPublicKey !== undefined) {
      const file = await writeText(folder, "public-key.pem", rawPublicKey);
      more.push(`--rawpkfile=${file}`, `--rawpkkeyfile=${key}`);
      priority.push("+CTYPE-SRV-RAWPK");
    }
    if (clients !== undefined) {
      const file = await writeText(folder, "clients.pem", clients);
      more.push("--require-client-cert", "--verify-client-cert", `--x509cafile=${file}`);
    }
    return startConfined({
      command: "gnutls-serv",
      args: [
        "--echo",
        "--crlf",
        `--port=${confinedPort}`,
        `--x509certfile=${certificates}`,
        `--x509keyfile=${key}`,
        `--priority=${priority.join(":")}`,
        ...more,
        ...args,
      ],
      ready: /Echo Server listening on IPv4 \S+ port \d+\.\.\.done/,
      folder,
    });
  });
}
