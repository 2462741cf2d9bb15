/**
 * Carries bytes between a page's WebSocket and a target's TCP socket, both ways, until both have
 * ended.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { closeCodes } from "./refusal.ts";

/**
 * Bytes of one connection that may wait for the page, and how few there must be before the target
 * is read again. Between them lie several reads of 64 KiB, so that reading does not stutter.
 */
const highWaterMark = 1024 * 1024;
const lowWaterMark = 256 * 1024;

/** How long a target may take to close after the page has gone, in milliseconds. */
const targetCloseTimeout = 5_000;

/**
 * Relays until both sides have closed.
 *
 * - Neither side is read while the other one can't take more.
 * - When the target ends its side, the page gets all its bytes and then close code 1000. What the
 *   page sends until it has seen that still goes to the target.
 * - When the page closes, the target gets all its bytes and then the end.
 * - When the target breaks off, the page gets what was read before and then
 *   {@link closeCodes.targetReset}.
 */
export function relay(page: WebSocket, target: Socket): Promise<void> {
  pumpToPage(page, target);
  pumpToTarget(page, target);
  const pageClosed = new Promise<void>((resolve) => page.once("close", () => resolve()));
  const targetClosed = new Promise<void>((resolve) => target.once("close", () => resolve()));
  void pageClosed.then(() => endTarget(target));
  return Promise.all([pageClosed, targetClosed]).then(() => {});
}

function pumpToPage(page: WebSocket, target: Socket): void {
  const resume = () => {
    if (target.isPaused() && page.bufferedAmount <= lowWaterMark) target.resume();
  };
  target.on("data", (chunk) => {
    // A page that is closing takes no more: the rest is read only to learn of the target's end.
    if (page.readyState !== page.OPEN) return;
    page.send(chunk, { binary: true }, resume);
    if (page.bufferedAmount > highWaterMark) target.pause();
  });
  target.on("end", () => closePage(page, closeCodes.done, ""));
  target.on("error", (error: NodeJS.ErrnoException) => {
    closePage(page, closeCodes.targetReset, `target broke off (${error.code ?? "unknown cause"})`);
  });
}

function pumpToTarget(page: WebSocket, target: Socket): void {
  page.on("message", (data, isBinary) => {
    if (!isBinary) {
      closePage(page, closeCodes.textMessage, "only binary messages carry bytes");
      return;
    }
    // `ws` gives one Buffer a message under its default binaryType.
    if (!target.writable || !Buffer.isBuffer(data)) return;
    if (!target.write(data)) page.pause();
  });
  target.on("drain", () => page.resume());
  // `ws` closes by itself and says why, e.g. 1009 for too large a message.
  page.on("error", () => {});
}

/** Closes once what was sent before has gone out: `ws` puts the close frame in line. */
function closePage(page: WebSocket, code: number, reason: string): void {
  page.close(code, reason);
  // The page's answer could not be read otherwise.
  page.resume();
}

function endTarget(target: Socket): void {
  target.end();
  target.resume();
  const timer = setTimeout(() => target.destroy(), targetCloseTimeout);
  target.once("close", () => clearTimeout(timer));
}
