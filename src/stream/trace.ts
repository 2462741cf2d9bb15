/**
 * The steps of a connection with their time.
 *
 * @module
 */

import type { ProtocolStep } from "../tls/trace.ts";

/** One step of a connection: of the protocol, or of opening the bridge. */
export type TraceEvent = {
  /** Milliseconds since the connection was asked for. */
  at: number;
} & (
  | ProtocolStep
  /** The worker runs and asks the bridge for the server. */
  | { kind: "bridge-opening" }
  /**
   * The bridge has taken the connection. That it can't reach the server, it may say only after this:
   * `bridge/refused`.
   */
  | { kind: "bridge-open" }
);

/** A step before it has its time. */
type Step = TraceEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, "at">
    : never
  : never;

/** Milliseconds since 1970 on a clock that page and workers share and that is never set back. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Adds the time to steps.
 *
 * @param startedAt when the connection was asked for, by {@link sharedNow}.
 */
export function stamping(
  startedAt: number,
  tell: (event: TraceEvent) => void,
): (step: Step) => void {
  // Clocks of two threads may differ by what a browser rounds off.
  return (step) => tell({ at: Math.max(0, sharedNow() - startedAt), ...step } as TraceEvent);
}
