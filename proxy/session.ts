/**
 * One page's connection, from its request for an upgrade to its end.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { dial } from "./dial.ts";
import { keepAlive } from "./heartbeat.ts";
import { closeCodes, Refusal } from "./refusal.ts";
import { dropTarget, relay } from "./relay.ts";
import { formatTarget, type Target } from "./target.ts";

/** How long a page may take to answer a close that leaves nothing to read, in milliseconds. */
export const closeTimeout = 5_000;

/** Why dialling ends when there is nobody left to dial for. */
const pageGone = new Error("the page has gone");

/** What a session needs of its bridge. */
export interface SessionHost {
  /** Decides on the target. @throws Refusal */
  chooseTarget(): Target;
  /** Completes the upgrade; undefined where it is malformed or the page has gone meanwhile. */
  accept(): WebSocket | undefined;
  /** Milliseconds. */
  connectTimeout: number;
  /** Milliseconds. */
  heartbeat: number;
  log(line: string): void;
}

/** Dials first and accepts then, so that a page whose WebSocket is open has its target. */
export class Session {
  readonly #host: SessionHost;
  readonly #dialing = new AbortController();
  #page: WebSocket | undefined;
  #target: Socket | undefined;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Runs until both sides have closed. */
  async run(): Promise<void> {
    const { accept, connectTimeout, heartbeat, log } = this.#host;
    let name = "a connection";
    try {
      const address = this.#host.chooseTarget();
      name = formatTarget(address);
      const signal = this.#dialing.signal;
      this.#target = await dial(address, { timeout: connectTimeout, signal });
    } catch (error) {
      if (error === pageGone) {
        log(`gave up ${name}: the page has gone`);
        return;
      }
      if (!(error instanceof Refusal)) throw error;
      log(`refused ${name}: ${error.message}`);
      this.#page = accept();
      if (this.#page !== undefined) await refuse(this.#page, error);
      return;
    }
    this.#page = accept();
    if (this.#page === undefined) {
      this.#target.destroy();
      return;
    }
    log(`opened ${name}`);
    keepAlive(this.#page, this.#target, heartbeat);
    const { toTarget, lost } = await relay(this.#page, this.#target);
    const loss = lost === 0 ? "" : `, ${lost} that it did not take`;
    log(`ended ${name}: ${this.#target.bytesRead} bytes from it, ${toTarget} to it${loss}`);
  }

  /** The page has gone: its target is not dialled any further. */
  leave(): void {
    this.#dialing.abort(pageGone);
  }

  /** Asks the page to close. */
  stop(): void {
    this.#dialing.abort(new Refusal(closeCodes.stopping, "the bridge is stopping"));
    this.#page?.close(closeCodes.stopping, "the bridge is stopping");
    this.#page?.resume();
  }

  /** Ends at once. */
  destroy(): void {
    this.#page?.terminate();
    if (this.#target !== undefined) dropTarget(this.#target);
  }
}

/** Tells a page why there is no connection, and sees it gone. */
function refuse(page: WebSocket, refusal: Refusal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => page.terminate(), closeTimeout);
    page.on("error", () => {});
    page.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    page.close(refusal.closeCode, refusal.message);
  });
}
