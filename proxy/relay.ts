/**
 * Carries bytes between a page's WebSocket and a target's TCP socket, both ways, until both have
 * ended.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { closeCodes } from "./refusal.ts";
import { agreementOf, parseCredit } from "./subprotocol.ts";
import { closePage, ToPage } from "./to-page.ts";
import { pumpToTarget, type Relayed } from "./to-target.ts";

/** How long a page may take to read what is left of a target that is gone, in milliseconds. */
export const pageDrainTimeout = 5 * 60_000;

/** How long a target may take to close once it has been sent all, in milliseconds. */
const targetCloseTimeout = 5_000;

/** How long a target may take nothing of what a page that has gone left for it, in milliseconds. */
const targetDrainTimeout = 5 * 60_000;

/**
 * Relays until both sides have closed.
 *
 * - Neither side is read while the other one can't take more; a page that works by credit is read always,
 *   for what it says beside its bytes, and sends no more than it has credit for.
 * - When the target ends its side, the page gets all its bytes and then the news, by its subprotocol or
 *   by close code 1000. What the page sends until it has seen that still goes to the target.
 * - When the page closes, the target gets all its bytes and then the end. A target that stops taking
 *   them is reset: an end would tell it that it has had all.
 * - When the target breaks off, the page gets what was read before and then the news, or
 *   {@link closeCodes.targetReset}.
 * - A page that leaves the WebSocket open when its target is gone is dropped after
 *   {@link pageDrainTimeout}.
 *
 * @param drainTimeout How long a target may take nothing of what is left, in milliseconds.
 */
export async function relay(
  page: WebSocket,
  target: Socket,
  drainTimeout: number = targetDrainTimeout,
): Promise<Relayed> {
  const agreement = agreementOf(page.protocol);
  const toPage = new ToPage(page, target, agreement);
  const relayed = pumpToTarget(page, target, agreement, (text) => {
    const credit = agreement.givesCredit ? parseCredit(text) : undefined;
    if (credit !== undefined) toPage.give(credit);
    else closePage(page, closeCodes.textMessage, "only binary messages carry bytes");
  });
  const pageClosed = new Promise<void>((resolve) => page.once("close", () => resolve()));
  const targetClosed = new Promise<void>((resolve) => target.once("close", () => resolve()));
  void pageClosed.then(() => endTarget(target, drainTimeout));
  void targetClosed.then(() => {
    const timer = setTimeout(() => page.terminate(), pageDrainTimeout);
    void pageClosed.then(() => clearTimeout(timer));
  });
  await Promise.all([pageClosed, targetClosed]);
  return relayed;
}

/** Lets go of a target at once: by a reset where bytes for it are left, which an end would hide. */
export function dropTarget(target: Socket): void {
  if (target.writableLength > 0) target.resetAndDestroy();
  else target.destroy();
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
