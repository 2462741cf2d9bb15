/**
 * A byte stream over a plain WebSocket: what every browser has. It can be asked how much it still
 * has to send, but not to receive more slowly: what arrives is kept until it is read. Our own bridge
 * is told how much that may be.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";
import { Arrivals } from "./arrivals.ts";
import type { ByteStream } from "./byte-stream.ts";
import { Credit } from "./credit.ts";
import type { Dial } from "./dial.ts";
import { messages } from "./messages.ts";
import { beyondCredit, outcomeOf, sentTooLate, unreachable } from "./outcome.ts";
import { endBy, inlineCredit, type StreamEnd } from "./subprotocol.ts";
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
  readonly #credit: Credit | undefined;
  #received = false;
  /** Set when nothing more will arrive: how the stream ended. */
  #end: StreamEnd | undefined;
  /** Set when nothing more can be sent, though the WebSocket is open. */
  #sendFailure: TlsError | undefined;
  #wakeReader: (() => void) | undefined;
  /** Resolves when the WebSocket is closed, and all that was sent has left. */
  readonly #closed: Promise<void>;

  constructor(socket: WebSocket, dial: Dial) {
    this.#socket = socket;
    this.#dial = dial;
    if (dial.protocols[0] === inlineCredit) this.#credit = new Credit((text) => this.#say(text));
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data);
    this.#closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => {
        this.#finish(outcomeOf({ code, reason, received: this.#received }, dial));
        this.#credit?.release();
        resolve();
      };
    });
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const chunk = this.#arrived.shift();
      if (chunk !== undefined) {
        this.#credit?.read(chunk.length);
        return chunk;
      }
      if (this.#end?.failure !== undefined) throw this.#end.failure;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  async send(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.#throwIfUnsendable();
    for (const { bytes, release } of messages(chunks)) {
      this.#socket.send(bytes);
      this.#credit?.sent(bytes.length);
      // It has taken a copy (WebSockets §"send(data)").
      release();
    }
    if (this.#credit === undefined) return this.#drained();
    await this.#credit.room();
    this.#throwIfUnsendable();
  }

  close(): Promise<void> {
    this.#finish(undefined);
    this.#socket.close();
    return this.#closed;
  }

  #throwIfUnsendable(): void {
    // Past its opening a WebSocket drops what it is given, without a word.
    const isOpen = this.#socket.readyState === this.#socket.OPEN;
    const failure =
      this.#sendFailure ?? (isOpen ? undefined : (this.#end?.failure ?? sentTooLate()));
    if (failure !== undefined) throw failure;
  }

  #take(data: unknown): void {
    if (typeof data === "string") this.#heed(data);
    if (this.#end !== undefined || !(data instanceof ArrayBuffer) || data.byteLength === 0) return;
    if (this.#credit?.received(data.byteLength) === false) {
      this.#giveUp(beyondCredit(this.#dial));
      return;
    }
    this.#received = true;
    this.#arrived.push(new Uint8Array(data));
    this.#wakeReader?.();
  }

  #heed(text: string): void {
    if (this.#credit?.takes(text)) return;
    const { failure } = endBy(text, this.#dial);
    if (failure === undefined) this.#finish(undefined);
    else this.#giveUp(failure);
  }

  #giveUp(failure: TlsError): void {
    this.#finish(failure);
    this.#sendFailure ??= failure;
    this.#credit?.release();
    // Without a code: those that say why are not for pages to send, and they would throw.
    this.#socket.close();
  }

  #say(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
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
