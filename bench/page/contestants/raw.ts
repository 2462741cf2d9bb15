/**
 * The limit: the bridge's WebSocket itself, opened by the page, in both forms that browsers have.
 *
 * @module
 */

import { dial } from "../../../src/bridge/dial.ts";
import { nextTurn } from "../../../src/bridge/turn.ts";
import { websockify, webtlsBridge } from "../../../src/index.ts";
import type { Contestant, Pipe, Target } from "./contestant.ts";
import { pipeOf } from "./streams.ts";

/** Unsent bytes above which sending waits. */
const highWaterMark = 1024 * 1024;

/** `WebSocket`: what every browser has. */
export const rawWebSocket: Contestant = {
  name: "WebSocket",
  verifies: false,
  async open(target) {
    const socket = new WebSocket(dialled(target).url);
    socket.binaryType = "arraybuffer";
    const arrived: Uint8Array[] = [];
    let wake = () => {};
    let isOver = false;
    socket.onmessage = ({ data }) => {
      arrived.push(new Uint8Array(data));
      wake();
    };
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onclose = () => reject(new Error("The bridge has refused the WebSocket."));
    });
    socket.onclose = () => {
      isOver = true;
      wake();
    };
    const pipe: Pipe = {
      async read() {
        while (arrived.length === 0 && !isOver) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return arrived.shift();
      },
      async write(bytes) {
        socket.send(bytes as Uint8Array<ArrayBuffer>);
        while (socket.bufferedAmount > highWaterMark) await nextTurn();
      },
      async close() {
        socket.close();
      },
    };
    return pipe;
  },
};

/** `WebSocketStream`, which Chromium has; TypeScript does not declare it. */
declare class WebSocketStream {
  constructor(url: string, options?: { protocols?: string[] });
  readonly opened: Promise<{
    readable: ReadableStream<ArrayBuffer | Uint8Array>;
    writable: WritableStream<Uint8Array<ArrayBuffer>>;
  }>;
  close(): void;
}

export const rawWebSocketStream: Contestant = {
  name: "WebSocketStream",
  verifies: false,
  open: (target) => openWebSocketStream(dialled(target).url, []),
};

/** With the subprotocol of our bridge, and so with messages as large as webtls gets them. */
export const rawSubprotocol: Contestant = {
  name: "WebSocketStream, subprotocol",
  verifies: false,
  open(target) {
    const { url, protocols } = dialled(target);
    return openWebSocketStream(url, protocols);
  },
};

async function openWebSocketStream(url: string, protocols: string[]): Promise<Pipe> {
  const socket = new WebSocketStream(url, { protocols });
  const { readable, writable } = await socket.opened;
  const pipe = pipeOf(readable, writable, () => socket.close());
  return { ...pipe, read: async () => bytesOf(await pipe.read()) };
}

function dialled({ bridge, url, host, port }: Target) {
  const descriptor = bridge === "webtls" ? webtlsBridge(url) : websockify(url);
  return dial(descriptor, { hostname: host, port }, true);
}

// Chromium gave ArrayBuffers at first, and gives Uint8Arrays since it follows the specification.
function bytesOf(chunk: ArrayBuffer | Uint8Array | undefined): Uint8Array | undefined {
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
}
