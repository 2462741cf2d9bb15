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

/** How long a target may take to close once it has been sent all, in milliseconds. */
const targetCloseTimeout = 5_000;

/** How long a target may take nothing of what a page that has gone left for it, in milliseconds. */
const targetDrainTimeout = 5 * 60_000;

/** What became of the bytes that the page sent. */
export interface Relayed {
  /** Bytes handed to the target's connection. */
  toTarget: number;
  /** Bytes that the target did not take. */
  lost: number;
}

/**
 * Relays until both sides have closed.
 *
 * - Neither side is read while the other one can't take more.
 * - When the target ends its side, the page gets all its bytes and then close code 1000. What the
 *   page sends until it has seen that still goes to the target.
 * - When the page closes, the target gets all its bytes and then the end. A target that stops taking
 *   them is reset: an end would tell it that it has had all.
 * - When the target breaks off, the page gets what was read before and then
 *   {@link closeCodes.targetReset}.
 *
 * @param drainTimeout How long a target may take nothing of what is left, in milliseconds.
 */
export async function relay(
  page: WebSocket,
  target: Socket,
  drainTimeout: number = targetDrainTimeout,
): Promise<Relayed> {
  const relayed: Relayed = { toTarget: 0, lost: 0 };
  pumpToPage(page, target);
  pumpToTarget(page, target, relayed);
  const pageClosed = new Promise<void>((resolve) => page.once("close", () => resolve()));
  const targetClosed = new Promise<void>((resolve) => target.once("close", () => resolve()));
  void pageClosed.then(() => endTarget(target, drainTimeout));
  await Promise.all([pageClosed, targetClosed]);
  return relayed;
}

/** Lets go of a target at once: by a reset where bytes for it are left, which an end would hide. */
export function dropTarget(target: Socket): void {
  if (target.writableLength > 0) target.resetAndDestroy();
  else target.destroy();
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

function pumpToTarget(page: WebSocket, target: Socket, relayed: Relayed): void {
  page.on("message", (data, isBinary) => {
    if (!isBinary) {
      closePage(page, closeCodes.textMessage, "only binary messages carry bytes");
      return;
    }
    // `ws` gives one Buffer a message under its default binaryType.
    if (!Buffer.isBuffer(data)) return;
    if (!target.writable) {
      relayed.lost += data.length;
      return;
    }
    const onWritten = () => {
      // A socket that is destroyed reports what it threw away as written.
      relayed[target.destroyed ? "lost" : "toTarget"] += data.length;
    };
    if (!target.write(data, onWritten)) page.pause();
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

function endTarget(target: Socket, drainTimeout: number): void {
  let left = target.writableLength;
  const checkDrain = () => {
    if (target.writableLength >= left) {
      dropTarget(target);
      return;
    }
    left = target.writableLength;
    timer = setTimeout(checkDrain, drainTimeout);
  };
  let timer = setTimeout(checkDrain, drainTimeout);
  const awaitClose = () => {
    clearTimeout(timer);
    timer = setTimeout(() => target.destroy(), targetCloseTimeout);
  };
  if (target.writableFinished) awaitClose();
  else target.once("finish", awaitClose);
  target.once("close", () => clearTimeout(timer));
  target.end();
  target.resume();
}
