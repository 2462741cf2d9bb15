/**
 * References to sentences of errors, which the build of the worker puts in their places
 * (`scripts/sentences.mjs`).
 *
 * @module
 */

import type { TlsErrorRecord } from "../errors.ts";

/** Code points that Unicode leaves to programs, and that no message takes from outside (§23.7). */
export const mark = { opening: "\uFDD0", separator: "\uFDD1", closing: "\uFDD2" } as const;

/**
 * A reference to a sentence. It may be part of another sentence, or put into one.
 *
 * @param sentence its number.
 * @param inserted what is put into it.
 */
export function said(sentence: number, ...inserted: unknown[]): string {
  return `${mark.opening}${[sentence, ...inserted].map(String).join(mark.separator)}${mark.closing}`;
}

/** Whether there are references in what an error says. */
export function hasReferences({ message, cause = "", paths = [] }: TlsErrorRecord): boolean {
  const texts = [message, cause, ...paths.map((path) => path.message)];
  return texts.some((text) => text.includes(mark.opening));
}
