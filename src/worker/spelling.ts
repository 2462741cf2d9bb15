/**
 * Writes out the sentences that errors refer to.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { TlsErrorRecord } from "../errors.ts";
import { describeName } from "../x509/describe-name.ts";
import { sentences } from "./sentences.ts";
import { mark, nameSaid } from "./wording.ts";

/** An error as it is told to the page. */
export function spelledOut(error: TlsErrorRecord): TlsErrorRecord {
  const { message, cause, paths } = error;
  return {
    ...error,
    message: written(message),
    ...(cause === undefined ? {} : { cause: written(cause) }),
    ...(paths === undefined
      ? {}
      : { paths: paths.map((path) => ({ ...path, message: written(path.message) })) }),
  };
}

/**
 * A text with its references written out, those within others too.
 *
 * @param from the list of sentences; a test may give its own.
 */
export function written(text: string, from: typeof sentences = sentences): string {
  // The parts of references that have begun, the innermost last. The text itself is the outermost.
  const open: string[][] = [[""]];
  const write = (more: string) => open.at(-1)?.push(`${open.at(-1)?.pop()}${more}`);
  for (const piece of text.split(/([\uDC00-\uDC02])/u)) {
    if (piece === mark.opening) open.push([""]);
    else if (piece === mark.separator) open.at(-1)?.push("");
    else if (piece === mark.closing) write(sentence(open.pop() ?? [], from));
    else write(piece);
  }
  return open.flat().join("");
}

function sentence([number, ...inserted]: readonly string[], from: typeof sentences): string {
  if (number === nameSaid) return inserted.map((name) => describeName(bytesOf(name))).join();
  return String.raw({ raw: from[Number(number)] ?? [] }, ...inserted);
}

/** @param hex two digits a byte. */
function bytesOf(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
