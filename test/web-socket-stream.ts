/**
 * `WebSocketStream` in Node, on top of `ws`: as much of it as the library uses, with the
 * backpressure that is its point.
 *
 * @module
 */

import type { WebSocketStreamClass } from "../src/bridge/web-socket-stream.ts";
import { PageWebSocket } from "./in-thread.ts";

type Opened = Awaited<InstanceType<WebSocketStreamClass>["opened"]>;
type CloseInfo = Awaited<InstanceType<WebSocketStreamClass>["closed"]>;

/** The name of what `closed` rejects with, whose members are those of a close event. */
class WebSocketError extends Error {
  override readonly name = "WebSocketError";
  readonly closeCode: number;
  readonly reason: string;
  constructor(closeCode: number, reason: string) {
    super("the WebSocket was not closed cleanly");
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

export class NodeWebSocketStream {
  readonly opened: Promise<Opened>;
  readonly closed: Promise<CloseInfo>;
  readonly #socket: PageWebSocket;

  constructor(url: string, options: { protocols?: string[]; signal?: AbortSignal } = {}) {
    const { protocols = [], signal } = options;
    const socket = new PageWebSocket(url, protocols);
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("error", () => {});
    signal?.addEventListener("abort", () => socket.terminate(), { once: true });
    this.closed = new Promise((resolve, reject) => {
      socket.on("close", (closeCode: number, buffer: Buffer) => {
        const reason = buffer.toString();
        if (closeCode === 1006) reject(new WebSocketError(closeCode, reason));
        else resolve({ closeCode, reason });
      });
    });
    this.opened = new Promise((resolve, reject) => {
      const streams = { readable: this.#readable(), writable: this.#writable() };
      socket.on("open", () => resolve(streams));
      socket.on("close", () => reject(new WebSocketError(1006, "")));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #readable(): ReadableStream<string | Uint8Array<ArrayBuffer>> {
    const socket = this.#socket;
    return new ReadableStream({
      start: (controller) => {
        socket.on("message", (data: Buffer, isBinary: boolean) => {
          controller.enqueue(isBinary ? new Uint8Array(data) : data.toString());
          if ((controller.desiredSize ?? 0) <= 0) socket.pause();
        });
        this.closed.then(
          () => controller.close(),
          (error) => controller.error(error),
        );
      },
      pull: () => socket.resume(),
    });
  }

  #writable(): WritableStream<Uint8Array<ArrayBuffer>> {
    const socket = this.#socket;
    return new WritableStream({
      start: (controller) => {
        const failed = () => controller.error(new Error("the WebSocket is closed"));
        this.closed.then(failed, failed);
      },
      write: (chunk) =>
        new Promise((resolve, reject) => {
          socket.send(chunk, (error) => (error ? reject(error) : resolve()));
        }),
    });
  }
}
