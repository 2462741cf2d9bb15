/**
 * What can be known of a device's clock.
 *
 * @module
 */

/** A moment that is past: the day that the bundled roots are of. A clock before it is wrong. */
export const surelyPast = new Date("2026-10-30T00:00:00Z");
