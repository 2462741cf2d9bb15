/**
 * A connection of a library that calls back, for who would rather wait and read.
 *
 * @module
 */

import type { Pipe } from "./contestant.ts";

export class Arrivals {
  /** Resolves once it is open; rejects where it ends before. */
  readonly opened: Promise<void>;
  #open = () => {};
  #fail = (_reason: Error) => {};
  readonly #chunks: Uint8Array[] = [];
  #isOver = false;
  #error: Error | undefined;
  #wake = () => {};

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    this.opened.catch(() => {});
  }

  open(): void {
    this.#open();
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  /** Nothing more comes. With an error, reading fails once what has come is read. */
  end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#fail(error ?? new Error("The connection has ended."));
    this.#wake();
  }

  /** The next bytes; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#chunks.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#error !== undefined) throw this.#error;
    return chunk;
  }

  /** Gives a library what comes from the bridge, and ends when the bridge or the library does. */
  async feed(bridge: Pipe, take: (bytes: Uint8Array) => unknown): Promise<void> {
    try {
      for (let bytes = await bridge.read(); bytes !== undefined; bytes = await bridge.read()) {
        await take(bytes);
      }
      this.end();
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
