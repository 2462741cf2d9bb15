/**
 * Extensions of a HelloRetryRequest that are other than those of a ServerHello (RFC 8446 §4.1.4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { Reader } from "./reader.ts";

/** key_share of a HelloRetryRequest: the group alone (RFC 8446 §4.2.8). */
export function decodeSelectedGroup(body: Bytes): number {
  return Reader.parse(body, "key_share", (r) => r.u16());
}

/** cookie of a HelloRetryRequest (RFC 8446 §4.2.2). */
export function decodeCookie(body: Bytes): Bytes {
  return Reader.parse(body, "cookie", (r) => r.vector(2, 1));
}

/** encrypted_client_hello of a HelloRetryRequest: 8 bytes (RFC 9849 §5). */
export function decodeEchConfirmation(body: Bytes): Bytes {
  return Reader.parse(body, "encrypted_client_hello", (r) => r.take(8));
}
