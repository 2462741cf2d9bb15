/**
 * What our own bridge says beside the bytes, in text messages; `proxy/subprotocol.ts` tells how and
 * why. Of credit, `credit.ts`.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";
import type { Dial } from "./dial.ts";
import { brokenOff, unexpectedText } from "./outcome.ts";

/** For sockets that slow a server down by not reading. */
export const inlineEnd = "webtls";
/** For sockets that can't: each side sends only what the other one has given credit for. */
export const inlineCredit = "webtls-credit";

/** How a stream ended. */
export interface StreamEnd {
  readonly failure: TlsError | undefined;
}

/** Reads a text message: the end, or the failure that it stands for. Others are a failure by themselves. */
export function endBy(text: string, dial: Dial): StreamEnd {
  const [word, ...reason] = text.split(" ");
  if (dial.bridge === "webtls") {
    if (text === "end") return { failure: undefined };
    if (word === "reset") return { failure: brokenOff(dial, reason.join(" ")) };
  }
  return { failure: unexpectedText(dial) };
}
