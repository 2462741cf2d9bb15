/**
 * Signatures from certificate to certificate.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { TlsError } from "../errors.ts";
import type { Certificate } from "./certificate.ts";
import { describeName } from "./describe-name.ts";
import { knownSigners } from "./known-certificates.ts";
import { type Budget, signatureCost } from "./path-budget.ts";
import { parsePublicKey } from "./public-key.ts";
import { parseSignatureAlgorithm, verifySignature } from "./signature.ts";

/**
 * Checks that a certificate is signed with a key.
 *
 * @param issuerKey SubjectPublicKeyInfo, DER.
 * @throws TlsError `certificate/bad-signature`; `certificate/budget-exceeded`; what
 * `parsePublicKey()` and `parseSignatureAlgorithm()` throw.
 */
export async function checkCertificateSignature(
  child: Certificate,
  issuerKey: Bytes,
  { crypto, budget }: { readonly crypto: CryptoProvider; readonly budget: Budget },
): Promise<void> {
  const signers = knownSigners(crypto, child);
  if (signers.has(issuerKey)) return;
  const algorithm = parseSignatureAlgorithm(child.signatureAlgorithm);
  const key = parsePublicKey(issuerKey);
  budget.spend("signatures", signatureCost(key));
  if (await verifySignature(crypto, algorithm, key, child.signature, child.signed)) {
    signers.add(issuerKey);
    return;
  }
  throw new TlsError(
    "certificate/bad-signature",
    `The certificate ${describeName(child.subject)} is not signed by the issuer it names, ` +
      `${describeName(child.issuer)}. It was altered, or another issuer of that name is meant.`,
  );
}
