/**
 * Signatures as they are written, by clients that have something to sign.
 *
 * @module
 */

import { type Bytes, concat } from "../crypto/bytes.ts";
import type { SignatureAlgorithm } from "../crypto/provider.ts";
import { tag } from "./der.ts";

/**
 * A signature as it goes on the wire.
 *
 * @param signature as a provider makes it; of ECDSA, r and s at the curve's full length.
 */
export function encodeSignature(algorithm: SignatureAlgorithm, signature: Bytes): Bytes {
  if (algorithm.kind !== "ecdsa") return signature;
  const half = signature.length / 2;
  const numbers = concat(
    encodeUnsigned(signature.subarray(0, half)),
    encodeUnsigned(signature.subarray(half)),
  );
  // P-521 alone makes more than 127 bytes, and none makes more than 255.
  const length = numbers.length < 0x80 ? [numbers.length] : [0x81, numbers.length];
  return concat(Uint8Array.of(tag.sequence, ...length), numbers);
}

/** An INTEGER in DER, of at most 127 bytes. */
function encodeUnsigned(number: Bytes): Bytes {
  const start = number.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : number.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return concat(Uint8Array.of(tag.integer, sign.length + digits.length, ...sign), digits);
}
