/**
 * The header of a record (RFC 8446 §5.1): type, version, length of the fragment.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { contentType, hex } from "../messages/registry.ts";

/** In bytes. */
export const headerLength = 5;

const knownTypes: readonly number[] = Object.values(contentType);

/** Of the fragment behind a header, in bytes. */
export function fragmentLength([, , , high = 0, low = 0]: Bytes): number {
  return high * 256 + low;
}

/**
 * What is wrong with a header; undefined where nothing is.
 *
 * @param maxLength of the fragment, in bytes.
 */
export function headerError(header: Bytes, maxLength: number): TlsError | undefined {
  const [type = 0, major = 0] = header;
  const length = fragmentLength(header);
  if (!knownTypes.includes(type)) {
    return new TlsError(
      "record/unexpected-type",
      `The server sent a record of type ${hex(type, 1)}, which TLS does not have. It may not speak TLS on this port, or want STARTTLS first.`,
    );
  }
  if (major !== 3) {
    return new TlsError(
      "record/malformed",
      `The server sent a record of version ${hex(major, 1)}, where TLS has 0x03.`,
    );
  }
  if (length > maxLength) {
    return new TlsError(
      "record/overflow",
      `The server sent a record of ${length} bytes; at most ${maxLength} are allowed.`,
    );
  }
  return undefined;
}
