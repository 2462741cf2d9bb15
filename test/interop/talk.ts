/**
 * Both streams of a connection, as a protocol of lines and lengths reads and writes them. It runs on
 * a page as well as in Node.
 *
 * @module
 */

/** What a conversation goes over: plain, or TLS. */
export interface Streams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Holds the locks of both streams until it is released. */
export class Talk {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #decoder = new TextDecoder();
  /** What has been read and not been asked for. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor({ readable, writable }: Streams) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
  }

  async send(...parts: readonly (string | Uint8Array)[]): Promise<void> {
    for (const part of parts) {
      // A copy, since a page's socket takes the buffer away.
      const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part.slice();
      await this.#writer.write(bytes);
    }
  }

  /** Reads so many bytes. */
  async bytes(length: number): Promise<Uint8Array> {
    const result = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (this.#rest.length === 0) await this.#more(`${filled} of ${length} bytes`);
      const part = this.#rest.subarray(0, length - filled);
      result.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return result;
  }

  /** Reads to the end of a line, and gives it without its CR and LF. */
  async line(): Promise<string> {
    let text = "";
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        text += this.#decoder.decode(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return text.replace(/\r$/, "");
      }
      text += this.#decoder.decode(this.#rest);
      this.#rest = new Uint8Array(0);
      await this.#more(`the line "${text}"`);
    }
  }

  /** Reads lines until one matches, and gives it. */
  async lineLike(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (pattern.test(line)) return line;
    }
  }

  /** Waits for the proper end of what the server sends, and gives how many bytes came before it. */
  async end(): Promise<number> {
    let length = this.#rest.length;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return length;
      length += value.length;
    }
  }

  /** Ends this side's stream. */
  endWriting(): Promise<void> {
    return this.#writer.close();
  }

  /** @throws Error where bytes have come that nobody asked for. */
  release(): void {
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    if (this.#rest.length > 0) throw new Error(`${this.#rest.length} bytes came unasked`);
  }

  async #more(where: string): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new Error(`the stream ended at ${where}`);
    this.#rest = value;
  }
}
