/**
 * What the end of a WebSocket means for the connection over it. Bridges tell by close codes
 * (RFC 6455 §7.4), and some by nothing but the time.
 *
 * @module
 */

import { type Sentence, TlsError, type TlsErrorDetails } from "../errors.ts";
import type { Dial } from "./dial.ts";

/** How a WebSocket ended, as its `close` event says. */
export interface Closing {
  code: number;
  reason: string;
  /** Whether the server had sent anything. */
  received: boolean;
}

/** 1000 is a normal closure; 1005 stands for a close frame without a code (RFC 6455 §7.4.1). */
const cleanCodes = [1000, 1005];

/** The codes of our own bridge, with what they mean and whether another try may succeed. */
const refusals: Readonly<Record<number, { meaning: Sentence; retrySafe: boolean }>> = {
  4400: { meaning: "the bridge does not understand the address", retrySafe: false },
  4403: { meaning: "the bridge does not allow this address", retrySafe: false },
  4502: { meaning: "the server refused the connection or can't be reached", retrySafe: true },
  4503: { meaning: "the bridge carries as many connections as it may", retrySafe: true },
  4504: { meaning: "the server did not answer the bridge in time", retrySafe: true },
};
/** What websockify says when it can't connect, by the code for internal errors. */
const internalError = 1011;

/** The failure that the end of a WebSocket stands for, or undefined for a clean end. */
export function outcomeOf(closing: Closing, dial: Dial): TlsError | undefined {
  const { code, reason, received } = closing;
  const refusal = refusals[code];
  if (refusal !== undefined) {
    const message = `The bridge did not connect to ${dial.address}: ${refusal.meaning}`;
    return failure("bridge/refused", message, closing, { retrySafe: refusal.retrySafe });
  }
  if (!received && (dial.bridge === "websockify" || code === internalError)) {
    return failure("bridge/refused", silentEnd(dial), closing, { retrySafe: true });
  }
  // Our own bridge tells the end in line, and leaves the closing to the page.
  if (cleanCodes.includes(code) && dial.bridge !== "webtls") return undefined;
  const cause = reason === "" && code === 1006 ? "without saying why" : `with code ${code}`;
  return failure("bridge/closed", `The bridge closed the connection ${cause}`, closing);
}

/** The failure of a WebSocket that never opened: the platform tells no reason. */
export function unreachable(dial: Dial, cause?: unknown): TlsError {
  const hint =
    dial.bridge === "websockify"
      ? "Check that the bridge runs, that it takes connections from this page, and that its token file holds the token."
      : "Check that the bridge runs and that it takes connections from this page.";
  return new TlsError(
    "bridge/unreachable",
    `No WebSocket to the bridge ${withoutQuery(dial.url)} could be opened. ${hint}`,
    { phase: "bridge", retrySafe: true, ...(cause === undefined ? {} : { cause }) },
  );
}

/** The failure of a target that ended its connection by a reset. */
export function brokenOff({ address }: Dial, reason: string): TlsError {
  const message = `${address} broke off the connection. The bridge says: ${JSON.stringify(reason)}.`;
  return new TlsError("bridge/closed", message, { phase: "bridge", bridge: { reason } });
}

/** The failure of a bridge that sends more than it was given credit for. */
export function beyondCredit(dial: Dial): TlsError {
  return new TlsError(
    "bridge/protocol",
    `${withoutQuery(dial.url)} sent more than the page had room for. Check that it is a bridge of webtls.`,
    { phase: "bridge" },
  );
}

/** The failure of a bridge that sends text which says nothing that it may say. */
export function unexpectedText(dial: Dial): TlsError {
  return new TlsError(
    "bridge/protocol",
    `${withoutQuery(dial.url)} sent a text message that no bridge of its kind sends. Check that the URL is the bridge's.`,
    { phase: "bridge" },
  );
}

/** The failure of sending on a stream that has ended. */
export function sentTooLate(): TlsError {
  return new TlsError("bridge/closed", "Bytes could not be sent: the bridge has closed before.", {
    phase: "bridge",
  });
}

// websockify completes the upgrade before it dials, so this is all that is seen of a refused target.
function silentEnd({ address, bridge }: Dial): Sentence {
  const fixed = bridge === "websockify" ? " (or the target the bridge is set to)" : "";
  return `The bridge closed the connection before the server sent anything: ${address}${fixed} refused the connection, can't be reached, or closed at once`;
}

function failure(
  code: "bridge/refused" | "bridge/closed",
  message: string,
  closing: Closing,
  details: TlsErrorDetails = {},
): TlsError {
  const { code: closeCode, reason } = closing;
  const said = reason === "" ? "" : ` The bridge says: ${JSON.stringify(reason)}.`;
  return new TlsError(code, `${message}.${said}`, {
    phase: "bridge",
    bridge: { closeCode, reason },
    ...details,
  });
}

// A query may hold a token, which is the caller's secret.
function withoutQuery(url: string): string {
  const { origin, pathname, protocol, host } = new URL(url);
  return origin === "null" ? `${protocol}//${host}${pathname}` : `${origin}${pathname}`;
}
