/**
 * How long records may be: what a caller may ask, and the check of it.
 *
 * @module
 */

import { invalidOption } from "../errors.ts";
import { maxFragment, minRecordSizeLimit } from "./limits.ts";

/** Options of the record layer. */
export interface RecordOptions {
  /**
   * Longest content of a record sent, in bytes before protection, 32 to 16384. The server may want
   * less (RFC 8449). Default: 16384.
   */
  maxFragmentSize?: number;
  /**
   * Longest content that the server may put into a protected record, in bytes, 64 to 16385; TLS 1.3
   * counts the content's type and padding (RFC 8449 §4). Servers that do not know the extension send
   * what they like. Default: the most that the version allows, 16385 or 16384.
   */
  recordSizeLimit?: number;
  /**
   * Pads what TLS 1.3 sends under a key, so that its length with the type is a multiple of so many
   * bytes, 1 to 16384, as far as records can be that long (RFC 8446 §5.4). It hides the length of
   * short messages. Default: 1, no padding.
   */
  recordPadding?: number;
}

const bounds = {
  maxFragmentSize: [32, maxFragment],
  recordSizeLimit: [minRecordSizeLimit, maxFragment + 1],
  recordPadding: [1, maxFragment],
} as const satisfies Record<keyof RecordOptions, readonly [number, number]>;

/** @throws TlsError `configuration/invalid-option`, which names the option. */
export function checkRecordOptions(options: RecordOptions): void {
  for (const [name, [min, max]] of Object.entries(bounds)) {
    const value = options[name as keyof RecordOptions];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw invalidOption(name, `a whole number of bytes, ${min} to ${max}`);
    }
  }
}
