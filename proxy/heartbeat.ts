/**
 * Finds pages that have gone without a word.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** Pings in a row that a page may leave unanswered. */
const unansweredLimit = 2;

/**
 * Pings a page at intervals, which also keeps proxies in between from closing an idle connection,
 * and drops it when it leaves two in a row unanswered.
 *
 * A page that reads slowly gets to see a ping only after the bytes before it. So each ping carries
 * how many those are, and silence counts only while the page has, by its last answer, had them all:
 * a stalled reader is left to TCP, whose keep-alive tells slow from gone.
 *
 * @param interval in milliseconds.
 */
export function keepAlive(page: WebSocket, target: Socket, interval: number): void {
  let seen = 0;
  let unanswered = 0;
  page.on("pong", (bytesBefore) => {
    seen = Number(bytesBefore.toString());
    unanswered = 0;
  });
  const timer = setInterval(() => {
    const mayBeBusy = page.isPaused || seen < target.bytesRead;
    if (mayBeBusy) unanswered = 0;
    if (unanswered === unansweredLimit) {
      page.terminate();
      return;
    }
    unanswered += 1;
    if (page.readyState === page.OPEN) page.ping(String(target.bytesRead));
  }, interval);
  page.once("close", () => clearInterval(timer));
}
