/**
 * The way from a page to a target.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { closeCodes } from "./refusal.ts";
import { type Agreement, initialCredit, messageCost, overdraft } from "./subprotocol.ts";
import { closePage } from "./to-page.ts";

/** Credit is given for so much at once. */
const creditStep = initialCredit / 4;

/** What became of the bytes that the page sent. */
export interface Relayed {
  /** Bytes handed to the target's connection. */
  toTarget: number;
  /** Bytes that the target did not take. */
  lost: number;
}

/**
 * Passes a page's bytes on. A page that gives credit is held back by credit; another one is not read
 * while its target can't take more.
 *
 * @param onText takes what the page says beside them.
 * @returns counts that go up as they are passed on.
 */
export function pumpToTarget(
  page: WebSocket,
  target: Socket,
  { givesCredit }: Agreement,
  onText: (text: string) => void,
): Relayed {
  const relayed: Relayed = { toTarget: 0, lost: 0 };
  let credit = initialCredit;
  /** Passed on, and no credit given for it yet. */
  let passedOn = 0;
  const giveCredit = (cost: number) => {
    passedOn += cost;
    if (passedOn < creditStep || page.readyState !== page.OPEN) return;
    credit += passedOn;
    page.send(`credit ${passedOn}`);
    passedOn = 0;
  };
  page.on("message", (data, isBinary) => {
    // `ws` gives one Buffer a message under its default binaryType.
    if (!Buffer.isBuffer(data)) return;
    if (!isBinary) {
      onText(data.toString());
      return;
    }
    if (data.length === 0) return;
    const cost = data.length + messageCost;
    credit -= cost;
    if (givesCredit && credit < -overdraft) {
      closePage(page, closeCodes.beyondCredit, "more was sent than there is credit for");
      return;
    }
    if (!target.writable) {
      relayed.lost += data.length;
      return;
    }
    const onWritten = () => {
      // A socket that is destroyed reports what it threw away as written.
      relayed[target.destroyed ? "lost" : "toTarget"] += data.length;
      if (givesCredit) giveCredit(cost);
    };
    const hasRoom = target.write(data, onWritten);
    if (!hasRoom && !givesCredit) page.pause();
  });
  target.on("drain", () => page.resume());
  // One that has broken off drains no more, and what the page says of that has to be read.
  target.once("close", () => page.resume());
  // `ws` closes by itself and says why, e.g. 1009 for too large a message.
  page.on("error", () => {});
  return relayed;
}
