/**
 * What our own bridge and the page say to each other beside the bytes, in text messages;
 * `proxy/subprotocol.ts` tells how and why.
 *
 * @module
 */

import type { TlsError } from "../errors.ts";
import type { Dial } from "./dial.ts";
import { brokenOff, textMessage } from "./outcome.ts";

/** For sockets that slow a server down by not reading. */
export const inlineEnd = "webtls";
/** For sockets that can't: each side sends only what the other one has given credit for. */
export const inlineCredit = "webtls-credit";

/** What each side may send before it is given more, in bytes. */
export const initialCredit = 2 * 1024 * 1024;
/** Credit is given for so much at once, in bytes. */
const creditStep = initialCredit / 4;

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
  const isOurs = dial.bridge === "webtls";
  if (isOurs && text === "end") return { end: true, failure: undefined };
  if (isOurs && word === "reset") return { end: true, failure: brokenOff(dial, rest.join(" ")) };
  const credit = agreed === inlineCredit && word === "credit" ? Number(rest[0]) : 0;
  if (credit > 0) return { end: false, credit };
  return { end: true, failure: textMessage(dial) };
}

/** Counts both directions of a socket that works by credit. */
export class Credit {
  readonly #give: (text: string) => void;
  #sendable = initialCredit;
  #read = 0;
  #waiting: (() => void)[] = [];

  /** @param give sends a text message. */
  constructor(give: (text: string) => void) {
    this.#give = give;
  }

  /** So much was read, and as much may come. */
  read(length: number): void {
    this.#read += length;
    if (this.#read < creditStep) return;
    this.#give(`credit ${this.#read}`);
    this.#read = 0;
  }

  sent(length: number): void {
    this.#sendable -= length;
  }

  /** So much more may be sent. */
  take(credit: number): void {
    this.#sendable += credit;
    if (this.#sendable > 0) this.release();
  }

  /** Resolves when there is credit, or will be none ever. */
  async room(): Promise<void> {
    if (this.#sendable <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Nobody has to wait any more. */
  release(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
