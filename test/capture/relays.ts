/**
 * Relays that stand where a bridge's operator could: between page and bridge, and between bridge and
 * server. They record all that passes, and can change it.
 *
 * @module
 */

import { connect, createServer } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { BridgeAddress } from "../servers/bridges.ts";
import { type LocalServer, listen } from "../servers/tcp.ts";
import { type Direction, Recording, withBitTurned } from "./recording.ts";

export interface RecordingRelay extends LocalServer {
  /** One for each connection, in order. */
  readonly recordings: readonly Recording[];
}

/** A bit of one direction's bytes, counted from the beginning of the connection. */
export interface Bit {
  readonly direction: Direction;
  readonly bit: number;
}

/** Stands before a server on loopback. */
export interface TcpRelay extends RecordingRelay {
  /** Turns a bit over in each connection from now on; none without one. */
  turn(bit: Bit | undefined): void;
}

/** Records what it passes on, not what it got. */
export async function startTcpRelay(port: number): Promise<TcpRelay> {
  const recordings: Recording[] = [];
  let turned: Bit | undefined;
  const relay = await listen(
    createServer({ allowHalfOpen: true }, (client) => {
      const recording = new Recording();
      recordings.push(recording);
      const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
      server.once("error", () => client.destroy());
      client.once("close", () => server.destroy());
      server.once("close", () => client.destroySoon());
      const pass = (direction: Direction, bit: number | undefined) => {
        const [from, to] = direction === "toServer" ? [client, server] : [server, client];
        let length = 0;
        from.on("data", (chunk: Buffer) => {
          const within = bit === undefined ? -1 : bit - length * 8;
          length += chunk.length;
          const isHere = within >= 0 && within < chunk.length * 8;
          const bytes = isHere ? withBitTurned(chunk, within) : chunk;
          recording.add(direction, bytes);
          to.write(bytes);
        });
        from.once("end", () => to.end());
      };
      const { direction, bit } = turned ?? {};
      pass("toServer", direction === "toServer" ? bit : undefined);
      pass("toClient", direction === "toClient" ? bit : undefined);
    }),
  );
  return {
    ...relay,
    recordings,
    turn(bit) {
      turned = bit;
    },
  };
}

/** Stands before a bridge, and sees what the bridge sees: messages unmasked, and their order. */
export interface BridgeRelay extends RecordingRelay {
  /** What the page is to be told in the bridge's place. */
  readonly address: BridgeAddress;
  /**
   * The text of every request, as far as it is not the WebSocket protocol's own, and what the page says
   * beside its bytes.
   */
  readonly requests: readonly string[];
}

export async function startBridgeRelay(bridge: BridgeAddress): Promise<BridgeRelay> {
  const recordings: Recording[] = [];
  const requests: string[] = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (page, request) => {
    const recording = new Recording();
    recordings.push(recording);
    const path = request.url ?? "/";
    requests.push(path);
    const { origin = "" } = request.headers;
    const protocols = page.protocol === "" ? [] : [page.protocol];
    const onward = new WebSocket(new URL(path, bridge.url), protocols, { origin });
    const opened = new Promise((resolve) => onward.once("open", resolve));
    page.on("message", async (data: Buffer, isBinary) => {
      if (isBinary) recording.add("toServer", data);
      else requests.push(data.toString());
      await opened;
      onward.send(data, { binary: isBinary });
    });
    onward.on("message", (data: Buffer, isBinary) => {
      // Text is the bridge's own word, behind the server's last.
      if (isBinary) recording.add("toClient", data);
      page.send(data, { binary: isBinary });
    });
    page.once("close", () => onward.close());
    onward.once("close", () => page.close());
    onward.once("error", () => page.terminate());
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { pathname } = new URL(bridge.url);
  return {
    address: { kind: bridge.kind, url: `ws://127.0.0.1:${address.port}${pathname}` },
    port: address.port,
    recordings,
    requests,
    async stop() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
