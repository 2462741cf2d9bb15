/**
 * Paths that lead to an anchor, and what else can be asked of them.
 *
 * @module
 */

import type { TrustAnchor } from "./anchor.ts";
import type { Certificate } from "./certificate.ts";
import type { Expense } from "./path-budget.ts";

/** A path whose signatures, times, constraints and purposes hold. */
export interface CandidatePath {
  /** Leaf first, up to the one that the anchor has issued. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly anchor: TrustAnchor;
}

/** What is done for a path while it is looked at. */
export interface PathEffort {
  /**
   * Counts what something costs, of the limits of `path-budget.ts`.
   *
   * @throws TlsError `certificate/budget-exceeded`.
   */
  spend(what: Expense, count?: number): void;
  /**
   * Says which certificate is looked at from now on, so that a failure is told of it: the index, or
   * the number of certificates for the anchor. At first it is the leaf.
   */
  lookAt(index: number): void;
}

/**
 * What a path has to meet beyond RFC 5280 §6, such as that nothing of it is revoked.
 *
 * @throws TlsError of the area `certificate`: other paths are tried then.
 */
export type PathCondition = (path: CandidatePath, effort: PathEffort) => void | Promise<void>;

/** The name and the key that issued a certificate of a path. */
export function issuerOf(
  { certificates, anchor }: CandidatePath,
  index: number,
): Pick<TrustAnchor, "subject" | "subjectPublicKeyInfo"> {
  return certificates[index + 1] ?? anchor;
}
