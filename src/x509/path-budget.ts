/**
 * The most that is done for one path. Without bounds, a server could keep its client busy for ever.
 *
 * @module
 */

import type { PublicKey } from "../crypto/provider.ts";
import { type Sentence, TlsError } from "../errors.ts";

/** Real paths have two or three intermediates and, with cross-signs, a dozen signatures. */
export const pathLimits = {
  presented: 128,
  intermediates: 6,
  /** Some keys count for several, by the time they take: {@link signatureCost}. */
  signatures: 100,
  candidates: 1_000,
  constraints: 1_000_000,
} as const;

/** What is counted while paths are tried. */
export type Expense = "signatures" | "candidates" | "constraints";

/** Counts what a search costs, and ends it. */
export class Budget {
  /** The error that ended the search. */
  failure: TlsError | undefined;
  readonly #spent = { signatures: 0, candidates: 0, constraints: 0 };

  /** @throws TlsError `certificate/budget-exceeded`. */
  spend(what: Expense, count = 1): void {
    this.#spent[what] += count;
    if (this.#spent[what] > pathLimits[what]) {
      this.failure = overBudget(what);
      throw this.failure;
    }
  }
}

/** How many signatures of the budget one with this key stands for. */
export function signatureCost(key: PublicKey): number {
  if (key.kind === "ml-dsa") return 4;
  if (key.kind !== "ec" || key.curve === "P-256") return 1;
  return key.curve === "P-384" ? 2 : 4;
}

/** What the limits count, in words. */
const unit: Readonly<Record<keyof typeof pathLimits, Sentence>> = {
  presented: "certificates presented",
  intermediates: "intermediate certificates",
  signatures: "signatures",
  candidates: "tries of an issuer",
  constraints: "comparisons of names",
};

/** The error for a limit that was reached. */
export function overBudget(what: keyof typeof pathLimits): TlsError {
  return new TlsError(
    "certificate/budget-exceeded",
    `No path to a trusted root was found within ${pathLimits[what]} ${unit[what]}. The ` +
      "server has to present fewer certificates, or such as lead more directly to a root.",
  );
}
