/**
 * The way from a target to a page: messages, their pace, and how the end is told.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { closeCodes } from "./refusal.ts";
import { type Agreement, initialCredit, messageCost } from "./subprotocol.ts";

/**
 * Bytes of one connection that may wait for the page, and how few there must be before the target
 * is read again. Between them lie several reads of 64 KiB, so that reading does not stutter.
 */
const highWaterMark = 1024 * 1024;
const lowWaterMark = 256 * 1024;

/**
 * A message holds at most so many bytes where the end is said in line: what costs a browser least is
 * large messages. To other pages each read is a message of its own, since of large ones a
 * `WebSocketStream` would lose the more when it is closed behind them.
 */
const messageSize = 256 * 1024;
/** What Node reads from a socket at once, at most: after less there is nothing more at the moment. */
const readSize = 64 * 1024;

/** Passes a target's bytes on until it has ended. */
export class ToPage {
  readonly #page: WebSocket;
  readonly #target: Socket;
  readonly #agreement: Agreement;
  /** What the page has room for. */
  #credit: number;
  /** Read in this turn of the event loop, and not sent yet. */
  #read: Buffer[] = [];
  #length = 0;

  constructor(page: WebSocket, target: Socket, agreement: Agreement) {
    this.#page = page;
    this.#target = target;
    this.#agreement = agreement;
    this.#credit = agreement.givesCredit ? initialCredit : Number.POSITIVE_INFINITY;
    target.on("data", (chunk) => this.#take(chunk));
    target.on("end", () => this.#end("end", closeCodes.done, ""));
    target.on("error", ({ code = "unknown cause" }: NodeJS.ErrnoException) => {
      const reason = `target broke off (${code})`;
      this.#end(`reset ${reason}`, closeCodes.targetReset, reason);
    });
  }

  /** The page has room for so much more. */
  give(credit: number): void {
    this.#credit += credit;
    this.#resume();
  }

  #take(chunk: Buffer): void {
    this.#read.push(chunk);
    this.#length += chunk.length;
    const isLast = chunk.length < readSize || this.#length >= messageSize;
    if (isLast || !this.#agreement.saysEnd) this.#send();
    else if (this.#read.length === 1) setImmediate(() => this.#send());
  }

  #send(): void {
    const fragments = this.#read;
    if (fragments.length === 0) return;
    this.#credit -= this.#length + messageCost;
    this.#read = [];
    this.#length = 0;
    // A page that is closing takes no more: the rest is read only to learn of the target's end.
    if (!this.#isOpen) return;
    // One message in fragments (RFC 6455 §5.4), which spares joining them.
    for (const [index, fragment] of fragments.entries()) {
      const fin = index === fragments.length - 1;
      this.#page.send(fragment, { binary: true, fin }, () => this.#resume());
    }
    if (this.#page.bufferedAmount > highWaterMark || this.#credit <= 0) this.#target.pause();
  }

  #resume(): void {
    if (!this.#target.isPaused() || this.#credit <= 0) return;
    if (this.#page.bufferedAmount <= lowWaterMark) this.#target.resume();
  }

  #end(notice: string, closeCode: number, reason: string): void {
    this.#send();
    if (!this.#agreement.saysEnd) closePage(this.#page, closeCode, reason);
    else if (this.#isOpen) this.#page.send(notice);
  }

  get #isOpen(): boolean {
    return this.#page.readyState === this.#page.OPEN;
  }
}

/** Closes once what was sent before has gone out: `ws` puts the close frame in line. */
export function closePage(page: WebSocket, code: number, reason: string): void {
  page.close(code, reason);
  // The page's answer could not be read otherwise.
  page.resume();
}
