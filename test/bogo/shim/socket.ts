/**
 * The way to the runner: a TCP connection that says which shim it is of.
 *
 * @module
 */

import { createConnection, type Socket } from "node:net";
import type { ByteDuplex } from "../../../src/stream/duplex.ts";

/** Longest time to wait for the runner to close its side, in milliseconds. */
const drainTime = 5_000;

export interface Address {
  port: number;
  ipv6: boolean;
  /** Sent first, in 8 bytes, the lowest first. */
  shimId: bigint;
}

/** A connection to the runner. */
export class RunnerSocket {
  readonly duplex: ByteDuplex;
  readonly #socket: Socket;
  readonly #ended: Promise<void>;

  static async connect({ port, ipv6, shimId }: Address): Promise<RunnerSocket> {
    const host = ipv6 ? "::1" : "127.0.0.1";
    const socket = createConnection({ port, host, allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const id = Buffer.alloc(8);
    id.writeBigUInt64LE(shimId);
    socket.write(id);
    return new RunnerSocket(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#ended = new Promise((resolve) => {
      socket.once("end", resolve);
      socket.once("close", () => resolve());
      socket.on("error", () => resolve());
    });
    this.duplex = { readable: this.#readable(), writable: this.#writable() };
  }

  /**
   * Ends the writing side and takes in what still comes: a socket closed before would reset the
   * connection, and the runner might not see the last alert.
   */
  async drain(): Promise<void> {
    this.#socket.end();
    this.#socket.resume();
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, drainTime).unref());
    await Promise.race([this.#ended, timeout]);
  }

  #readable(): ReadableStream<Uint8Array> {
    let open = true;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#socket.on("data", (chunk: Buffer) => {
          if (open) controller.enqueue(new Uint8Array(chunk));
        });
        void this.#ended.then(() => {
          if (open) controller.close();
        });
      },
      cancel: () => {
        open = false;
      },
    });
  }

  #writable(): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({
      write: (chunk) =>
        new Promise((resolve, reject) => {
          this.#socket.write(chunk, (error) => (error ? reject(error) : resolve()));
        }),
      close: () => void this.#socket.end(),
    });
  }
}
