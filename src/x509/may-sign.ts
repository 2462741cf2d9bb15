/**
 * What TLS itself asks of a server's certificate, whoever judges the rest of it.
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import type { Certificate } from "./certificate.ts";

/**
 * Checks that the server may sign with its key: that holds for TLS whoever judges the rest (RFC 8446
 * §4.4.2.2, and RFC 5246 §7.4.2 for the key exchanges that are offered).
 *
 * @throws TlsError `certificate/wrong-key-usage`.
 */
export function checkMaySign({ keyUsage }: Certificate): void {
  if (keyUsage === undefined || keyUsage.digitalSignature) return;
  throw new TlsError(
    "certificate/wrong-key-usage",
    "The server's certificate does not allow its key to sign (key usage lacks digitalSignature), " +
      "which TLS needs. The server needs a certificate with that usage.",
  );
}
