/**
 * A byte stream over a `WebSocketStream`, where the platform has it: a reader that takes nothing
 * slows the server down, through TCP, all the way.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Dial } from "./dial.ts";
import { messages } from "./messages.ts";
import { outcomeOf, sentTooLate, unreachable } from "./outcome.ts";
import { endBy, type StreamEnd } from "./subprotocol.ts";

/** `WebSocketStream`, as far as it is used here; TypeScript does not declare it. */
export interface WebSocketStreamClass {
  new (url: string, options?: { protocols?: string[]; signal?: AbortSignal }): WebSocketStreamLike;
}

type Message = string | ArrayBuffer | Uint8Array<ArrayBuffer>;

interface WebSocketStreamLike {
  readonly opened: Promise<{
    readable: ReadableStream<Message>;
    writable: WritableStream<Uint8Array<ArrayBuffer>>;
  }>;
  /** Rejects, with the same two members in the error, where the closing was not a clean one. */
  readonly closed: Promise<CloseInfo>;
  close(): void;
}

interface CloseInfo {
  readonly closeCode?: number | null;
  readonly reason?: string | null;
}

/** No close frame was received (RFC 6455 §7.4.1). */
const abnormalClosure = 1006;

/**
 * Opens a WebSocketStream and makes a byte stream of it.
 *
 * @throws TlsError `bridge/unreachable`; the signal's reason where it is aborted meanwhile.
 */
export async function openWebSocketStream(
  dial: Dial,
  signal: AbortSignal,
  WebSocketStream: WebSocketStreamClass,
): Promise<ByteStream> {
  try {
    const { url, protocols } = dial;
    // An empty list of protocols is taken for none by the constructor.
    const socket = new WebSocketStream(url, { protocols, signal });
    // It rejects whenever `opened` does.
    socket.closed.catch(() => {});
    const { readable, writable } = await socket.opened;
    return new WebSocketStreamBytes(socket, readable.getReader(), writable.getWriter(), dial);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(dial, error);
  }
}

class WebSocketStreamBytes implements ByteStream {
  readonly #socket: WebSocketStreamLike;
  readonly #reader: ReadableStreamDefaultReader<Message>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #dial: Dial;
  #received = false;
  #closedHere = false;
  /** Set when nothing more is to be read: how the stream ended. */
  #end: StreamEnd | undefined;
  /** Set when nothing more can be sent, though the WebSocket may be open. */
  #sendFailure: TlsError | undefined;

  constructor(
    socket: WebSocketStreamLike,
    reader: ReadableStreamDefaultReader<Message>,
    writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
    dial: Dial,
  ) {
    this.#socket = socket;
    this.#reader = reader;
    this.#writer = writer;
    this.#dial = dial;
    // Its failure shows in each write and, with the reason, in the reading.
    writer.closed.catch(() => {});
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#end === undefined) {
      const message = await this.#next();
      if (message === undefined) await this.#learnEnd();
      else if (typeof message === "string") this.#heed(message);
      else {
        const bytes = asBytes(message);
        if (bytes.length === 0) continue;
        this.#received = true;
        return bytes;
      }
    }
    if (this.#end.failure !== undefined) throw this.#end.failure;
  }

  async send(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    if (this.#sendFailure !== undefined) throw this.#sendFailure;
    // All are written before the first is waited for: two calls may not mingle their messages.
    const writes = [...messages(chunks)].map(({ bytes, release }) =>
      this.#writer.write(bytes).finally(release),
    );
    const results = await Promise.allSettled(writes);
    if (results.some(({ status }) => status === "rejected")) {
      throw this.#sendFailure ?? this.#end?.failure ?? sentTooLate();
    }
  }

  async close(): Promise<void> {
    this.#closedHere = true;
    this.#socket.close();
    void this.#drain();
    await this.#socket.closed.catch(() => {});
  }

  /** The next message; undefined at the end, however it came. */
  async #next(): Promise<Message | undefined> {
    if (this.#closedHere) return undefined;
    try {
      const { value } = await this.#reader.read();
      return this.#closedHere ? undefined : value;
    } catch {
      return undefined;
    }
  }

  /**
   * Drops what is still coming. The bridge's Close frame stands behind it, and without that the
   * platform keeps the WebSocket until its own time for a closing is over.
   */
  async #drain(): Promise<void> {
    try {
      while (!(await this.#reader.read()).done);
    } catch {
      // It has ended, badly: that is nobody's concern any more.
    }
  }

  /** The bridge says that it was all. It may yet say, behind that, that nothing can be sent either. */
  #heed(text: string): void {
    const end = endBy(text, this.#dial);
    const { failure } = end;
    const isLater = this.#end !== undefined;
    this.#end ??= end;
    this.#sendFailure ??= failure;
    if (failure !== undefined) void this.close();
    else if (!isLater) void this.#watch();
  }

  /** Looks at what comes behind the end. */
  async #watch(): Promise<void> {
    for (;;) {
      const message = await this.#next();
      if (message === undefined) return;
      if (typeof message === "string") this.#heed(message);
    }
  }

  /** Learns how the WebSocket was closed. */
  async #learnEnd(): Promise<void> {
    if (this.#closedHere) {
      this.#end ??= { failure: undefined };
      return;
    }
    const info = await this.#socket.closed.catch((error: CloseInfo) => error);
    // Of what the platform can't tell, the members are missing or null.
    const code = info.closeCode ?? abnormalClosure;
    const reason = info.reason ?? "";
    this.#end ??= { failure: outcomeOf({ code, reason, received: this.#received }, this.#dial) };
  }
}

// Chromium gave ArrayBuffers at first, and gives Uint8Arrays since it follows the specification.
function asBytes(message: Exclude<Message, string>): Uint8Array<ArrayBuffer> {
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message;
}
