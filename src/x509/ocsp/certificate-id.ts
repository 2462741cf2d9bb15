/**
 * Which certificate an OCSP response is about, and whom it names as its signer (RFC 6960 §4.1.1,
 * §4.2.1): both by hashes of names and keys.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { CryptoProvider, DigestName } from "../../crypto/provider.ts";
import { readDer, tag } from "../der.ts";
import { isSameName } from "../subject-index.ts";
import type { CertId, ResponderId } from "./response.ts";

/** A name and the key that goes with it. */
export interface Named {
  /** DER of the Name. */
  readonly subject: Bytes;
  /** DER. */
  readonly subjectPublicKeyInfo: Bytes;
}

/** Where a hash only tells certificates apart, SHA-1 will do (RFC 6960 §4.3), and most use it. */
const hashes: ReadonlyMap<string, DigestName> = new Map([
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/**
 * A test of whether a certificate is meant. One that is named by an unknown hash is another one.
 *
 * @param issuer the name in the certificate counts, so only its key.
 */
export function certIdTest(
  crypto: CryptoProvider,
  certificate: { readonly issuer: Bytes; readonly serialNumber: Bytes },
  issuer: Pick<Named, "subjectPublicKeyInfo">,
): (certId: CertId) => Promise<boolean> {
  const hashed = async (hash: DigestName) => ({
    name: await crypto.digest(hash, certificate.issuer),
    key: await crypto.digest(hash, keyBits(issuer.subjectPublicKeyInfo)),
  });
  // A response may be about thousands of certificates.
  const known = new Map<DigestName, ReturnType<typeof hashed>>();
  return async ({ serialNumber, hashAlgorithm, issuerNameHash, issuerKeyHash }) => {
    const hash = hashes.get(hashAlgorithm);
    if (hash === undefined || !equalPublic(serialNumber, certificate.serialNumber)) return false;
    const expected = known.get(hash) ?? hashed(hash);
    known.set(hash, expected);
    const { name, key } = await expected;
    return equalPublic(issuerNameHash, name) && equalPublic(issuerKeyHash, key);
  };
}

/** Whether a responder is the one that the response names as its signer. */
export async function isNamed(
  crypto: CryptoProvider,
  responder: ResponderId,
  { subject, subjectPublicKeyInfo }: Named,
): Promise<boolean> {
  if (responder.by === "name") return isSameName(responder.name, subject);
  const keyHash = await crypto.digest("SHA-1", keyBits(subjectPublicKeyInfo));
  return equalPublic(responder.keyHash, keyHash);
}

/** What is hashed of a key: the content of its BIT STRING, without the count of unused bits. */
function keyBits(subjectPublicKeyInfo: Bytes): Bytes {
  return readDer(subjectPublicKeyInfo, "a certificate's public key", (reader) =>
    reader.inside(tag.sequence, (info) => {
      info.content(tag.sequence);
      return info.bitStringOfBytes();
    }),
  );
}
