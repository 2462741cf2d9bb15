/**
 * What is said beside the bytes, in text messages, where a page opens its WebSocket with one of this
 * bridge's own subprotocols (RFC 6455 §1.9).
 *
 * The close frame of a WebSocket is no good as the end of a stream: a browser's `WebSocketStream` drops
 * what its reader has not got when that frame arrives. So under `webtls` the end is said in line, and
 * the bridge leaves the WebSocket open until the page closes it:
 *
 * - `end` from the bridge: the target has ended its side, and all its bytes came before. What the page
 *   sends still goes to the target.
 * - `reset` from the bridge, followed by a space and a reason for people: the target has broken off,
 *   and what was read of it came before. Behind `end` it means: nothing more gets to the target.
 *
 * A plain `WebSocket` takes whatever comes, at once, and so can't slow its server down. For those there
 * is `webtls-credit`. Beside the above, each side may send {@link initialCredit}, and more by
 *
 * - `credit` from the other side, followed by a space and a decimal number: so much has been passed on.
 *   Messages need not be cut to fit: credit may be overdrawn by {@link overdraft}.
 *
 * A binary message counts its bytes and {@link messageCost}, for many tiny ones take up memory, too.
 *
 * Both directions have it, since otherwise the credit for one could get stuck behind the bytes of the
 * other.
 *
 * Who offers `binary`, or nothing, gets what websockify's clients know: no text, and close codes.
 *
 * @module
 */

/** In the order in which they are chosen. */
const known = ["webtls", "webtls-credit", "binary"] as const;

/** What a binary message counts beside its bytes. */
export const messageCost = 256;
/** In bytes. */
export const initialCredit = 2 * 1024 * 1024;
/** In bytes: what TLS may have under way at once, two batches of 32 records and their messages. */
export const overdraft = 1.25 * 1024 * 1024;

/** Answers an offer of subprotocols; false for none. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  return known.find((name) => offered.has(name)) ?? false;
}

/** What was agreed with a page. */
export interface Agreement {
  /** Whether the end of the target's bytes is said in line. */
  readonly saysEnd: boolean;
  /** Whether either side sends no more than the other one has given credit for. */
  readonly givesCredit: boolean;
}

/** @param subprotocol as it was answered. */
export function agreementOf(subprotocol: string): Agreement {
  const givesCredit = subprotocol === "webtls-credit";
  return { saysEnd: givesCredit || subprotocol === "webtls", givesCredit };
}

/** What a page gives credit for; undefined where it says something else. */
export function parseCredit(text: string): number | undefined {
  const digits = /^credit ([1-9]\d{0,14})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
