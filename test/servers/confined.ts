/**
 * Servers that have no option for their address and would listen on every one of the machine's:
 * they run in a network namespace of their own, and only a relay on loopback leads there.
 *
 * @module
 */

import { connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProcess } from "./process.ts";
import { type LocalServer, listen } from "./tcp.ts";

/** The port in the namespace, where there is no other server. */
export const confinedPort = 4433;

export interface ConfinedCommand {
  readonly command: string;
  /** It must listen on {@link confinedPort}. */
  readonly args: readonly string[];
  readonly ready: RegExp;
  /** Its working directory, where the socket of the way in is made too. */
  readonly folder: string;
}

/** Needs the right to make namespaces: root's, or where the system gives it to all users. */
export async function startConfined(confined: ConfinedCommand): Promise<LocalServer> {
  const { command, args, ready, folder } = confined;
  const way = join(folder, "way-in");
  const relay = fileURLToPath(new URL("confined.mjs", import.meta.url));
  const inside = [process.execPath, relay, way, String(confinedPort), command, ...args];
  const server = await startProcess(
    "unshare",
    ["--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...inside],
    { ready, cwd: folder },
  );
  const entry = await listen(
    createServer({ allowHalfOpen: true }, (client) => {
      const socket = connect({ path: way, allowHalfOpen: true });
      socket.once("error", () => client.destroy());
      client.once("close", () => socket.destroy());
      client.pipe(socket).pipe(client);
    }),
  );
  return {
    port: entry.port,
    async stop() {
      await entry.stop();
      await server.stop();
    },
  };
}
