/**
 * Verification of signatures by WebCrypto.
 *
 * @module
 */

import { hashLength, type PublicKey, type SignatureAlgorithm } from "../provider.ts";
import { parseVerification, type Verification } from "../verification.ts";
import { requirePointCheck } from "./point-check.ts";
import { type Subtle, subtleFor, unsupported } from "./subtle.ts";

export async function verifySignature(
  algorithm: SignatureAlgorithm,
  publicKey: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  const verification = parseVerification(algorithm, publicKey, signature);
  if (verification === undefined) return false;
  // No engine that is tested has it yet.
  if (verification.kind === "ml-dsa") throw unsupported(verification.parameters);
  const subtle = subtleFor(verification.kind);
  if (verification.kind === "ecdsa") {
    await requirePointCheck("ECDSA", verification.curve, (point) =>
      importKey(subtle, { ...verification, point }).then(
        () => true,
        () => false,
      ),
    );
  }
  try {
    const key = await importKey(subtle, verification);
    return await subtle.verify(parametersOf(verification), key, signature, message);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === "NotSupportedError") throw unsupported(verification.kind, error);
    // The key is not valid: a point off the curve, a modulus the engine does not take.
    return false;
  }
}

/** What WebCrypto may have. */
type PlatformVerification = Exclude<Verification, { kind: "ml-dsa" }>;

function importKey(subtle: Subtle, verification: PlatformVerification): Promise<CryptoKey> {
  switch (verification.kind) {
    case "ecdsa": {
      const algorithm = { name: "ECDSA", namedCurve: verification.curve };
      return subtle.importKey("raw", verification.point, algorithm, false, ["verify"]);
    }
    case "ed25519":
      return subtle.importKey("raw", verification.key, { name: "Ed25519" }, false, ["verify"]);
    case "rsa-pss":
    case "rsa-pkcs1": {
      // As a JWK, and not by the certificate's SubjectPublicKeyInfo: engines refuse the identifier
      // id-RSASSA-PSS there.
      const key = {
        kty: "RSA",
        n: base64Url(verification.modulus),
        e: base64Url(verification.exponent),
      };
      const algorithm = { name: rsaName(verification.kind), hash: verification.hash };
      return subtle.importKey("jwk", key, algorithm, false, ["verify"]);
    }
  }
}

function parametersOf(verification: PlatformVerification): object {
  switch (verification.kind) {
    case "ecdsa":
      return { name: "ECDSA", hash: verification.hash };
    case "ed25519":
      return { name: "Ed25519" };
    case "rsa-pss":
      return { name: "RSA-PSS", saltLength: hashLength[verification.hash] };
    case "rsa-pkcs1":
      return { name: "RSASSA-PKCS1-v1_5" };
  }
}

function rsaName(kind: "rsa-pss" | "rsa-pkcs1"): string {
  return kind === "rsa-pss" ? "RSA-PSS" : "RSASSA-PKCS1-v1_5";
}

/** RFC 4648 §5, without padding, as RFC 7515 §2 wants it. At most 1024 bytes come here. */
function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
