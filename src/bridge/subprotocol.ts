/**
 * What our own bridge and the page say to each other beside the bytes, in text messages;
 * `proxy/subprotocol.ts` tells how and why.
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

/** What a text message of a bridge means. */
export type Notice =
  /** Nothing more will come. */
  | { end: true; failure: TlsError | undefined }
  /** So many bytes more may be sent. */
  | { end: false; credit: number };

/** Reads a text message. One that there is no such thing as ends the stream, as a failure. */
export function readNotice(text: string, dial: Dial): Notice {
  const [word, ...rest] = text.split(" ");
  const [agreed] = dial.protocols;
  const digits = /^credit ([1-9]\d{0,14})$/.exec(text)?.[1];
  const isOurs = dial.bridge === "webtls";
  if (isOurs && text === "end") return { end: true, failure: undefined };
  if (isOurs && word === "reset") return { end: true, failure: brokenOff(dial, rest.join(" ")) };
  if (agreed === inlineCredit && digits !== undefined) {
    return { end: false, credit: Number(digits) };
  }
  return { end: true, failure: unexpectedText(dial) };
}
