/**
 * Text from outside, as it is shown to people.
 *
 * @module
 */

/** Longest value shown, in characters. */
const maxLength = 80;

/** Text from a certificate, fit for a message: printable and not too long. */
export function printable(text: string): string {
  const clean = text.slice(0, maxLength).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?");
  return text.length > maxLength ? `${clean}…` : clean;
}
