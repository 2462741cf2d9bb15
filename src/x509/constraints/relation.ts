/**
 * How a name lies to a constraint of the same form (RFC 5280 §4.2.1.10).
 *
 * @module
 */

/**
 * - `"inside"`: all that the name stands for lies within the constraint.
 * - `"outside"`: none of it does.
 * - `"unclear"`: some of it does, or it can't be said, as one of the two is not written as its form
 *   demands. What is unclear is neither permitted nor kept clear of what is excluded.
 */
export type Relation = "inside" | "outside" | "unclear";
