/**
 * Options of TLS as the page has passed them on, read where TLS is spoken.
 *
 * @module
 */

import { checkTlsOptions, type TlsOptions } from "../tls/options.ts";
import type { UncheckedOptions } from "./protocol.ts";

/**
 * Reads the options of a connection.
 *
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function readOptions(unchecked: UncheckedOptions): TlsOptions {
  const options: TlsOptions = unchecked;
  checkTlsOptions(options);
  return options;
}
