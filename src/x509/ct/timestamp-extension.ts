/**
 * The extension that holds Signed Certificate Timestamps, in certificates and in OCSP responses (RFC
 * 6962 §3.3).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { readDer, tag } from "../der.ts";
import { parseTimestampList } from "./timestamp.ts";

/** Its OIDs: of a certificate, and of what an OCSP response says of one. */
export const timestampListOid = {
  certificate: "1.3.6.1.4.1.11129.2.4.2",
  ocspResponse: "1.3.6.1.4.1.11129.2.4.5",
} as const;

/**
 * Reads the extension's value: an OCTET STRING with the list in it, within the one that each
 * extension has.
 *
 * @returns each a SerializedSCT.
 * @throws TlsError `certificate/malformed`.
 */
export function timestampsOfExtension(value: Bytes): Bytes[] {
  const what = "an extension with Signed Certificate Timestamps";
  return parseTimestampList(readDer(value, what, (reader) => reader.content(tag.octetString)));
}
