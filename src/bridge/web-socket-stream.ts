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
import { outcomeOf, sentTooLate, textMessage, unreachable } from "./outcome.ts";

/** `WebSocketStream`, as far as it is used here; TypeScript does not declare it. */
export interface WebSocketStreamClass {
  new (url: string, options?: { protocols?: string[]; signal?: AbortSignal }): WebSocketStreamLike;
}

interface WebSocketStreamLike {
  readonly opened: Promise<{
    readable: ReadableStream<unknown>;
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
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #dial: Dial;
  #received = false;
  #closedHere = false;
  #failure: TlsError | undefined;

  constructor(
    socket: WebSocketStreamLike,
    reader: ReadableStreamDefaultReader<unknown>,
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
    if (this.#failure !== undefined) throw this.#failure;
    for (;;) {
      const chunk = await this.#next();
      if (chunk === undefined) return this.#ended();
      const bytes = asBytes(chunk);
      if (bytes === undefined) {
        this.#failure = textMessage(this.#dial);
        void this.close();
        throw this.#failure;
      }
      if (bytes.length === 0) continue;
      this.#received = true;
      return bytes;
    }
  }

  async send(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    // All are written before the first is waited for: two calls may not mingle their messages.
    const writes = [...messages(chunks)].map(({ bytes, release }) =>
      this.#writer.write(bytes).finally(release),
    );
    const results = await Promise.allSettled(writes);
    if (results.some(({ status }) => status === "rejected")) throw this.#failure ?? sentTooLate();
  }

  async close(): Promise<void> {
    this.#closedHere = true;
    this.#socket.close();
    void this.#drain();
    await this.#socket.closed.catch(() => {});
  }

  /** The next message; undefined at the end, however it came. */
  async #next(): Promise<unknown> {
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

  async #ended(): Promise<undefined> {
    if (this.#closedHere) return undefined;
    const info = await this.#socket.closed.catch((error: CloseInfo) => error);
    // Of what the platform can't tell, the members are missing or null.
    const code = info.closeCode ?? abnormalClosure;
    const reason = info.reason ?? "";
    this.#failure = outcomeOf({ code, reason, received: this.#received }, this.#dial);
    if (this.#failure !== undefined) throw this.#failure;
  }
}

// Chromium gave ArrayBuffers at first, and gives Uint8Arrays since it follows the specification.
function asBytes(chunk: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (chunk instanceof Uint8Array && chunk.buffer instanceof ArrayBuffer) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return undefined;
}
