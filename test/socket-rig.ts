/**
 * The whole library in Node: sockets of the page's half, a worker in this thread, our own bridge, and
 * the servers a test starts.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import { afterEach, beforeAll } from "vitest";
import {
  type ConnectOptions,
  type CreateTlsOptions,
  createTls,
  type Socket,
  type SocketInfo,
  type Tls,
  webtlsBridge,
} from "../src/index.ts";
import { type Authority, createAuthority, type Issued } from "./authority.ts";
import { origin, startInThread } from "./in-thread.ts";
import { type RunningBridge, startBridge } from "./servers/bridges.ts";

let root: Authority;
let issued: Issued;
let bridge: RunningBridge;
const endings: (() => unknown)[] = [];

/** Starts a bridge for the tests of a file, and ends after each test what it has kept or created. */
export function useSockets(): void {
  beforeAll(async () => {
    root = await createAuthority();
    issued = await root.issue({ names: ["localhost"] });
    bridge = await startBridge("webtls", origin);
    return () => bridge.stop();
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
}

/** A certificate for `localhost` that clients of {@link create} trust. */
export function identity(): Issued {
  return issued;
}

/** Stops a server when the test ends. */
export async function keep<Server extends { stop(): Promise<void> }>(starting: Promise<Server>) {
  const server = await starting;
  endings.push(() => server.stop());
  return server;
}

/** The bridge and the root of clients of {@link create}. */
export function trusted() {
  return { bridge: webtlsBridge(bridge.url), roots: root.pem };
}

/** A client whose worker runs in this thread, closed when the test ends. */
export function create(options: Partial<CreateTlsOptions> = {}): Tls {
  const tls = createTls({
    ...trusted(),
    worker: startInThread,
    ...options,
  });
  endings.push(() => tls.close());
  return tls;
}

/** A socket to a local port, with a client of its own. */
export function connect(port: number, options?: ConnectOptions): Socket {
  return create().connect(`localhost:${port}`, options);
}

export async function write(socket: Socket<SocketInfo>, text: string): Promise<void> {
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

/** Reads to the end. */
export async function readText(socket: Socket<SocketInfo>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = socket.readable.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

/** Reads one chunk. */
export async function readSome(socket: Socket<SocketInfo>): Promise<string> {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

/** A server's manners: it ends at the first word of the client's. */
export const sayBye = (socket: TLSSocket) => void socket.once("data", () => socket.end("bye"));

/** The value once it has not changed for a while. */
export async function untilStill(value: () => number): Promise<number> {
  for (let last = -1; last !== value(); ) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return value();
}
