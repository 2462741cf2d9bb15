/**
 * Time, as something that can be put in by a test.
 *
 * @module
 */

/**
 * Runs something once, later.
 *
 * @param milliseconds at most 2^31 - 1, which is what the platform's timers take.
 * @returns what cancels it.
 */
export type Schedule = (run: () => void, milliseconds: number) => () => void;

/** The platform's timers, looked up at each call so that a test's fake ones are found. */
export const platformSchedule: Schedule = (run, milliseconds) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};
