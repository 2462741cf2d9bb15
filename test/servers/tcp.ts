/**
 * TCP servers on loopback, each on a port of its own: the ground the TLS servers stand on, and
 * peers that speak no TLS.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";

/** A running server. */
export interface LocalServer {
  readonly port: number;
  /** Ends it and all its connections. */
  stop(): Promise<void>;
}

export function startTcp(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  return listen(createServer(onConnection));
}

/** Takes connections, and never says a word. */
export function startSilent(): Promise<LocalServer> {
  return startTcp((socket) => socket.resume());
}

/** Takes connections, and drops each at once. */
export function startDropping(): Promise<LocalServer> {
  return startTcp((socket) => socket.destroy());
}

/** Answers whatever it receives with bytes that are not TLS, and ends. */
export function startPlain(answer: string): Promise<LocalServer> {
  return startTcp((socket) => socket.once("data", () => socket.end(answer)));
}

/** A running relay. */
export interface CountingRelay extends LocalServer {
  /** Bytes that the clients' sockets have taken so far. */
  delivered(): number;
  /** From now on takes nothing of what its clients send. */
  holdUploads(): void;
}

/** Stands before a server on loopback, holds back as its clients do, and counts what it passes on. */
export async function startCountingRelay(port: number): Promise<CountingRelay> {
  let delivered = 0;
  const holds = new Set<() => void>();
  const relay = await startTcp((client) => {
    const server = connect(port, "127.0.0.1");
    const hold = () => client.unpipe(server).pause();
    holds.add(hold);
    server.on("error", () => client.destroy());
    server.on("data", (chunk: Buffer) => {
      delivered += chunk.length;
    });
    client.once("close", () => {
      holds.delete(hold);
      server.destroy();
    });
    client.pipe(server).pipe(client);
  });
  return {
    ...relay,
    delivered: () => delivered,
    holdUploads() {
      for (const hold of holds) hold();
    },
  };
}

/** Listens on loopback, and keeps count of the connections so that they can be ended. */
export async function listen(server: Server): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  // On a TLS server this is the connection beneath, known from before its handshake.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
