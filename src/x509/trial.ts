/**
 * A path while it is tried: how far it has come, and what was looked at last.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsError } from "../errors.ts";
import type { TrustAnchor } from "./anchor.ts";
import type { PathEffort } from "./candidate-path.ts";
import type { Budget, Expense } from "./path-budget.ts";

/** One try. */
export class Trial implements PathEffort {
  /** As far as it has been built, leaf first. */
  readonly certificates: readonly { readonly der: Bytes }[];
  /** The one that it is to end at. */
  readonly anchor: TrustAnchor | undefined;
  /** The certificate that is looked at; their number for the anchor, or for what is missing. */
  index: number;
  readonly #budget: Budget;

  constructor(
    budget: Budget,
    certificates: readonly { readonly der: Bytes }[],
    index: number,
    anchor?: TrustAnchor,
  ) {
    this.certificates = certificates;
    this.anchor = anchor;
    this.index = index;
    this.#budget = budget;
  }

  spend(what: Expense, count?: number): void {
    this.#budget.spend(what, count);
  }

  lookAt(index: number): void {
    this.index = index;
  }
}

/** Why a path was given up. */
export interface FailedTrial {
  readonly trial: Trial;
  /** Undefined where no issuer of the last certificate is known. */
  readonly failure?: TlsError;
}
