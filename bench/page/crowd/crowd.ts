/**
 * Many connections that are open at the same time.
 *
 * @module
 */

import type { Target } from "../contestants/contestant.ts";
import { wish } from "../wish.ts";

/** What carries each of the connections. */
export type Carrier =
  /** A WebSocket, as the page's own API opens it. */
  | "WebSocket"
  /** A pair of streams within the worker, by `webtls/core`. */
  | "duplex";

export interface CrowdOptions {
  readonly target: Target;
  readonly carrier: Carrier;
  readonly sessions: "memory" | "disabled";
  /** Of the process that carries duplexes over a WebSocket. */
  readonly multiplexer: string;
}

export interface Crowd {
  /** Opens so many, {@link pending} at a time, and keeps them. @returns milliseconds for all. */
  open(count: number): Promise<number>;
  /** Opens and closes so many, one after another. @returns milliseconds until each was open. */
  handshakes(count: number): Promise<number[]>;
  /** Opens one, and reads from it as fast as it can from then on. */
  download(): Promise<void>;
  /** Bytes that this has brought. */
  downloaded(): Promise<number>;
}

/** A connection, by either API. */
export interface Open {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  close(): Promise<void>;
}

/** Chromium holds WebSockets back, for seconds, where more than some ten are being opened. */
const pending = 4;
/** How long a connection lasts at least, in milliseconds: tickets come when the handshake is over. */
const linger = 4;
/** So much that it does not come to an end. */
const endless = 2 ** 40;

/** The same for both carriers: they differ in how a connection is opened. */
export function crowdOf(open: (isBulk: boolean) => Promise<Open>): Crowd {
  const kept: Open[] = [];
  let downloaded = 0;
  return {
    async open(count) {
      const begun = performance.now();
      let left = count;
      const openSome = async () => {
        while (left-- > 0) kept.push(await open(false));
      };
      await Promise.all(Array.from({ length: pending }, openSome));
      return performance.now() - begun;
    },

    async handshakes(count) {
      const times: number[] = [];
      for (let index = 0; index < count; index++) {
        const begun = performance.now();
        const one = await open(false);
        times.push(performance.now() - begun);
        await new Promise((resolve) => setTimeout(resolve, linger));
        await one.close();
      }
      return times;
    },

    async download() {
      const { readable, writable } = await open(true);
      await writable.getWriter().write(wish("D", endless));
      const reader = readable.getReader();
      const take = async () => {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          downloaded += value.length;
        }
      };
      void take();
    },

    downloaded: async () => downloaded,
  };
}
