/**
 * What every file of the matrix has at hand: an authority, and the whole library in Node behind a
 * bridge for the servers where TLS begins in the middle.
 *
 * @module
 */

import { afterAll, beforeAll } from "vitest";
import { type ConnectOptions, createTls, webtlsBridge } from "../../src/index.ts";
import { type ConnectTlsOptions, connectTls, type TlsDuplex } from "../../src/stream/duplex.ts";
import { type Authority, createAuthority, type Issued, purposes } from "../authority.ts";
import { origin, startInThread } from "../in-thread.ts";
import { type RunningBridge, startBridge } from "../servers/bridges.ts";
import { openSocket } from "../servers/socket.ts";
import { type Connection, upgrade } from "./converse.ts";
import { type SpeechName, speeches } from "./speeches.ts";
import { Talk } from "./talk.ts";

/** Options of one connection by `webtls/core`. */
export type CoreOptions = Omit<ConnectTlsOptions, "hostname" | "roots">;

type Stoppable = { stop(): Promise<void> };

/** Options of one connection, and whom it trusts: by default the authority that is at hand. */
export type OpenOptions = Omit<ConnectOptions, "secureTransport"> & { readonly roots?: string };

let root: Authority;
let issued: Issued;
let client: Issued;
let bridge: RunningBridge;
const started: Stoppable[] = [];

/** Makes the authority; at the end stops all that was kept. */
export function useRig(): void {
  beforeAll(async () => {
    root = await createAuthority();
    issued = await (await root.intermediate()).issue({ names: ["localhost", "127.0.0.1"] });
    client = await root.issue({ names: [], extendedKeyUsage: [purposes.clientAuth] });
    bridge = await keep(startBridge("webtls", origin));
  });
  afterAll(async () => {
    await Promise.all(started.splice(0).map((running) => running.stop()));
  });
}

/** The root that clients trust, in PEM. */
export function roots(): string {
  return root.pem;
}

/** A certificate for `localhost` under an intermediate. */
export function identity(): Issued {
  return issued;
}

/** A client's certificate under the root. */
export function clientIdentity(): Issued {
  return client;
}

/** Stops what was started when the file's tests are over. */
export async function keep<T extends Stoppable>(starting: Promise<T>): Promise<T> {
  const running = await starting;
  started.push(running);
  return running;
}

/** Connects from Node: over a socket where TLS begins at once, otherwise by `startTls()`. */
export async function open(
  port: number,
  speech: SpeechName,
  { roots = root.pem, ...options }: OpenOptions = {},
): Promise<Connection> {
  if (speeches[speech].prelude === undefined) {
    return connectTls(await openSocket(port), { hostname: "localhost", roots, ...options });
  }
  const tls = createTls({ bridge: webtlsBridge(bridge.url), roots, worker: startInThread });
  started.push({ stop: () => tls.close() });
  return upgrade(tls, `localhost:${port}`, speech, options);
}

/** Connects from Node over a socket, wherever TLS begins. */
export async function openCore(
  port: number,
  speech: SpeechName,
  options: CoreOptions = {},
): Promise<TlsDuplex> {
  const socket = await openSocket(port);
  const { prelude } = speeches[speech];
  if (prelude !== undefined) {
    const talk = new Talk(socket);
    await prelude(talk);
    talk.release();
  }
  return connectTls(socket, { hostname: "localhost", roots: root.pem, ...options });
}
