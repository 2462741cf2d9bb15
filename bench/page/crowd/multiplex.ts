/**
 * Any number of duplexes over one WebSocket, the other end of which is `multiplexer.mjs`.
 *
 * @module
 */

import type { ByteDuplex } from "../../../src/stream/duplex.ts";

/** `WebSocketStream`, which Chromium has; TypeScript does not declare it. */
declare class WebSocketStream {
  constructor(url: string);
  readonly opened: Promise<{
    readable: ReadableStream<ArrayBuffer | Uint8Array<ArrayBuffer>>;
    writable: WritableStream<Uint8Array<ArrayBuffer>>;
  }>;
}

const headerLength = 4;

/** Gives one duplex what comes for it. Resolves when there is room for more. */
type Deliver = (bytes: Uint8Array) => Promise<void> | void;

export class Multiplex {
  readonly #writer: Promise<WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>>;
  readonly #duplexes = new Map<number, Deliver>();
  #last = 0;

  constructor(url: string) {
    const { opened } = new WebSocketStream(url);
    this.#writer = opened.then(({ writable }) => writable.getWriter());
    void opened.then(({ readable }) => this.#pump(readable.getReader()));
  }

  duplex(): ByteDuplex {
    this.#last += 1;
    const id = this.#last;
    const readable = new ReadableStream<Uint8Array>(
      this.#source(id),
      // Bytes: what a WebSocket's message brings.
      { highWaterMark: 64 * 1024, size: ({ length }) => length },
    );
    const writable = new WritableStream<Uint8Array>({
      write: (bytes) => this.#send(id, bytes),
      close: () => this.#send(id, new Uint8Array(0)),
    });
    return { readable, writable };
  }

  #source(id: number): UnderlyingDefaultSource<Uint8Array> {
    let wake = () => {};
    return {
      start: (controller) => {
        this.#duplexes.set(id, (bytes) => {
          if (bytes.length === 0) {
            this.#duplexes.delete(id);
            controller.close();
            return;
          }
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 1) > 0) return;
          return new Promise((resolve) => {
            wake = resolve;
          });
        });
      },
      pull: () => wake(),
      cancel: () => {
        this.#duplexes.delete(id);
        wake();
      },
    };
  }

  async #send(id: number, bytes: Uint8Array): Promise<void> {
    const message = new Uint8Array(headerLength + bytes.length);
    new DataView(message.buffer).setUint32(0, id);
    message.set(bytes, headerLength);
    await (await this.#writer).write(message);
  }

  async #pump(reader: ReadableStreamDefaultReader<ArrayBuffer | Uint8Array>): Promise<void> {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const message = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
      const id = new DataView(message.buffer, message.byteOffset).getUint32(0);
      await this.#duplexes.get(id)?.(message.subarray(headerLength));
    }
  }
}
