/**
 * Verification of RSA signatures in JavaScript (RFC 8017 §8). Public keys only, so timing tells
 * nothing.
 *
 * @module
 */

import { mgf1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS } from "micro-rsa-dsa-dh/rsa.js";
import { bytesToNumber } from "micro-rsa-dsa-dh/utils.js";
import { type HashName, hashLength } from "../provider.ts";
import { hashes } from "./hash.ts";

const pkcs1 = { "SHA-256": PKCS1_SHA256, "SHA-384": PKCS1_SHA384, "SHA-512": PKCS1_SHA512 };

export function verifyRsa(
  verification: {
    kind: "rsa-pss" | "rsa-pkcs1";
    hash: HashName;
    modulus: Uint8Array;
    exponent: Uint8Array;
  },
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  const { kind, hash } = verification;
  const key = { n: bytesToNumber(verification.modulus), e: bytesToNumber(verification.exponent) };
  // The mask generator's hash is the signature's, the salt as long as it (RFC 8446 §4.2.3).
  const scheme =
    kind === "rsa-pss" ? PSS(hashes[hash], mgf1(hashes[hash]), hashLength[hash]) : pkcs1[hash];
  try {
    return scheme.verify(key, message, signature);
  } catch {
    // The encoded message does not fit the modulus: RFC 8017 §8.1.2 step 2c, §8.2.2 step 3.
    return false;
  }
}
