/**
 * The worker's half and the page's half in one thread, connected by real message ports, with the
 * WebSocket of `ws`: the whole library in Node.
 *
 * @module
 */

import { WebSocket as NodeWebSocket } from "ws";
import { openByteStream } from "../src/bridge/open.ts";
import type { WorkerLike } from "../src/page/worker-client.ts";
import type { HostEnvironment } from "../src/worker/connection.ts";
import { Host } from "../src/worker/host.ts";
import type { HostMessage, ReadyMessage } from "../src/worker/protocol.ts";

/** The origin that connections from here say they come from. */
export const origin = "http://localhost";

/** The WebSocket of `ws`, with the origin that a page would have. */
export class PageWebSocket extends NodeWebSocket {
  constructor(url: string | URL, protocols: string | string[] = []) {
    super(url, protocols, { origin });
  }
}

/** What {@link openByteStream} is given in place of a browser's globals. */
export const nodePlatform = { WebSocket: PageWebSocket as unknown as typeof WebSocket };

/** A worker that runs in this thread. */
export interface InThreadWorker extends WorkerLike {
  /** What a worker does that fails outside of any connection. */
  crash(message: string): void;
  /** Whether the page has ended it. */
  readonly terminated: boolean;
}

/**
 * Starts a worker in this thread.
 *
 * @param Hosting what it is made of, where that is not the source.
 */
export function startInThread(
  environment: Partial<HostEnvironment> = {},
  Hosting: typeof Host = Host,
): InThreadWorker {
  const host = new Hosting({
    open: (bridge, address, signal) => openByteStream(bridge, address, signal, nodePlatform),
    ...environment,
  });
  const { port1: page, port2: inside } = new MessageChannel();
  inside.onmessage = ({ data }: MessageEvent<HostMessage>) => host.receive(data);
  inside.postMessage({ type: "ready" } satisfies ReadyMessage);
  const errorListeners: ((event: { message?: string }) => void)[] = [];
  let terminated = false;
  return {
    postMessage: (message, transfer) => page.postMessage(message, transfer),
    addEventListener(type, listener) {
      if (type === "error") errorListeners.push(listener);
      if (type === "message") page.onmessage = () => listener({});
    },
    terminate() {
      terminated = true;
      page.close();
    },
    crash(message) {
      for (const listener of errorListeners) listener({ message });
    },
    get terminated() {
      return terminated;
    },
  };
}

/** A worker whose data for the page is looked at as it crosses. */
export function listenedIn(look: (chunk: Uint8Array) => void): () => InThreadWorker {
  return () => {
    const worker = startInThread();
    return {
      ...worker,
      terminated: false,
      postMessage(message, transfer) {
        if (message.type !== "connect") return worker.postMessage(message, transfer);
        const { port1: outer, port2 } = new MessageChannel();
        const inner = message.port;
        inner.onmessage = ({ data }) => outer.postMessage(data);
        outer.onmessage = ({ data }) => {
          if (data.type === "data") data.chunks.forEach(look);
          inner.postMessage(data);
        };
        worker.postMessage({ ...message, port: port2 }, [port2]);
      },
    };
  };
}
