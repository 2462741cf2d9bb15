/**
 * A byte stream over a plain WebSocket: what every browser has. It can be asked how much it still
 * has to send, but not to receive more slowly: what arrives is kept until it is read.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";
import { Arrivals } from "./arrivals.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Dial } from "./dial.ts";
import { messages } from "./messages.ts";
import { outcomeOf, sentTooLate, textMessage, unreachable } from "./outcome.ts";
import { nextTurn } from "./turn.ts";

/** With more than this many bytes unsent, sending waits. */
const highWaterMark = 512 * 1024;
/**
 * So many turns are waited for the platform to send something before the wait gets slower. While
 * data flows, a turn is enough; a server that takes nothing must not cost a whole processor.
 */
const eagerTurns = 200;
/** Between two looks at a socket that sends nothing, in milliseconds. */
const idleWait = 20;

/**
 * Opens a WebSocket and makes a byte stream of it.
 *
 * @throws TlsError `bridge/unreachable`; the signal's reason where it is aborted meanwhile.
 */
export function openWebSocket(
  dial: Dial,
  signal: AbortSignal,
  WebSocketClass: typeof WebSocket,
): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    let socket: WebSocket;
    try {
      socket = new WebSocketClass(dial.url, dial.protocols);
    } catch (error) {
      reject(unreachable(dial, error));
      return;
    }
    socket.binaryType = "arraybuffer";
    const aborted = () => {
      settled();
      // What is left of the attempt has nobody to tell.
      socket.onclose = null;
      socket.close();
      reject(signal.reason);
    };
    const settled = () => {
      signal.removeEventListener("abort", aborted);
      socket.onopen = null;
    };
    signal.addEventListener("abort", aborted);
    socket.onopen = () => {
      settled();
      resolve(new WebSocketBytes(socket, dial));
    };
    // ws, for one, throws an error that nobody listens to. The close event that follows says more.
    socket.onerror = () => {};
    socket.onclose = () => {
      settled();
      reject(unreachable(dial));
    };
  });
}

class WebSocketBytes implements ByteStream {
  readonly #socket: WebSocket;
  readonly #dial: Dial;
  readonly #arrived = new Arrivals<Uint8Array<ArrayBuffer>>();
  #received = false;
  /** Set when nothing more will arrive: how the stream ended. */
  #end: { failure: TlsError | undefined } | undefined;
  #wakeReader: (() => void) | undefined;
  /** Resolves when the WebSocket is closed, and all that was sent has left. */
  readonly #closed: Promise<void>;

  constructor(socket: WebSocket, dial: Dial) {
    this.#socket = socket;
    this.#dial = dial;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data);
    this.#closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => {
        this.#finish(outcomeOf({ code, reason, received: this.#received }, dial));
        resolve();
      };
    });
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const chunk = this.#arrived.shift();
      if (chunk !== undefined) return chunk;
      if (this.#end?.failure !== undefined) throw this.#end.failure;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  async send(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    // Past its opening a WebSocket drops what it is given, without a word.
    if (this.#socket.readyState !== this.#socket.OPEN) throw this.#end?.failure ?? sentTooLate();
    for (const { bytes, release } of messages(chunks)) {
      this.#socket.send(bytes);
      // It has taken a copy (WebSockets §"send(data)").
      release();
    }
    await this.#drained();
  }

  close(): Promise<void> {
    this.#finish(undefined);
    this.#socket.close();
    return this.#closed;
  }

  #take(data: unknown): void {
    if (this.#end !== undefined) return;
    if (!(data instanceof ArrayBuffer)) {
      this.#finish(textMessage(this.#dial));
      // Without a code: the one for this, 1003, is not for pages to send, and they would throw.
      this.#socket.close();
      return;
    }
    if (data.byteLength === 0) return;
    this.#received = true;
    this.#arrived.push(new Uint8Array(data));
    this.#wakeReader?.();
  }

  #finish(failure: TlsError | undefined): void {
    this.#end ??= { failure };
    this.#wakeReader?.();
  }

  async #drained(): Promise<void> {
    let unsent = this.#socket.bufferedAmount;
    let turns = 0;
    while (unsent > highWaterMark && this.#socket.readyState === this.#socket.OPEN) {
      if (turns < eagerTurns) await nextTurn();
      else await new Promise((resolve) => setTimeout(resolve, idleWait));
      const { bufferedAmount } = this.#socket;
      turns = bufferedAmount < unsent ? 0 : turns + 1;
      unsent = bufferedAmount;
    }
  }
}
