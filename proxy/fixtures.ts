/**
 * Real TCP servers and real WebSocket clients for the tests of the bridge.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import WebSocket from "ws";
import { type BridgeOptions, createBridge } from "./bridge.ts";

/** The origin that bridges of {@link startBridge} let in. */
export const pageOrigin = "https://app.example";

/**
 * A TCP server on a free port of the loopback; returns its `host:port`. It ends its side of a
 * connection when it has read the other one's end. Ends with the test.
 */
export async function startTarget(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.once("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a target does that only waits for the end. */
export function idle(socket: Socket): void {
  socket.resume();
}

/** An address of the loopback where nothing listens. */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}

/**
 * An address that leaves connection requests unanswered: a thread listens, then never accepts, and
 * its queue is filled.
 */
export async function silentAddress(): Promise<string> {
  const worker = new Worker(
    `const { createServer } = require("node:net");
     const { parentPort } = require("node:worker_threads");
     const server = createServer();
     server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const [port] = await once(worker, "message");
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  onTestFinished(async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  });
  return `127.0.0.1:${port}`;
}

/** A bridge on a free port that lets {@link pageOrigin} reach the loopback. Ends with the test. */
export async function startBridge(options: BridgeOptions = {}) {
  const bridge = createBridge({ allow: ["127.0.0.1:*"], origins: [pageOrigin], ...options });
  const { port } = await bridge.listen(0);
  onTestFinished(() => bridge.close());
  return { bridge, port, url: (address: string) => `ws://127.0.0.1:${port}/?address=${address}` };
}

/** How a WebSocket ended. */
export interface Closing {
  code: number;
  reason: string;
}

/** A page's WebSocket; `closed` resolves however it ends. */
export function openPage(
  url: string,
  { origin = pageOrigin, protocols = [] }: { origin?: string; protocols?: string[] } = {},
) {
  const socket = new WebSocket(url, protocols, { origin, perMessageDeflate: false });
  const closed = new Promise<Closing>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  opened.catch(() => {});
  onTestFinished(() => socket.terminate());
  return { socket, opened, closed };
}

/** How the bridge turned a page away, or ended it before its first byte. */
export function closingOf(url: string): Promise<Closing> {
  return openPage(url).closed;
}
