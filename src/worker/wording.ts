/**
 * References to sentences of errors, which the build of the worker puts in their places
 * (`scripts/sentences.mjs`).
 *
 * @module
 */

import type { TlsErrorRecord } from "../errors.ts";

/**
 * Halves of surrogate pairs, by themselves: no text from outside has any, since what decodes UTF-8 gives
 * none (Encoding Standard §8).
 */
export const mark = { opening: "\uDC00", separator: "\uDC01", closing: "\uDC02" } as const;
const opening = /\uDC00/u;

/** In place of a sentence's number: what is put in is the DER of a name, in hex. */
export const nameSaid = "name";

/**
 * A reference to a sentence. It may be part of another sentence, or put into one.
 *
 * @param sentence its number; {@link nameSaid} for a name.
 * @param inserted what is put into it.
 */
export function said(sentence: number | typeof nameSaid, ...inserted: unknown[]): string {
  return `${mark.opening}${[sentence, ...inserted].map(String).join(mark.separator)}${mark.closing}`;
}

/** Whether there are references in what an error says. */
export function hasReferences({ message, cause = "", paths = [] }: TlsErrorRecord): boolean {
  const texts = [message, cause, ...paths.map((path) => path.message)];
  return texts.some((text) => opening.test(text));
}
