/**
 * AlgorithmIdentifier (RFC 5280 §4.1.1.2) and the object identifiers of the algorithms that are
 * taken in certificates.
 *
 * @module
 */

import type { HashName, MlDsaName } from "../crypto/provider.ts";
import { TlsError } from "../errors.ts";
import { constructed, type DerReader, tag } from "./der.ts";

/** Identifiers of keys and of signatures; those of RFC 4055 and RFC 8410 stand for both. */
export const algorithmOid = {
  /** RFC 3279 §2.3.1. */
  rsaEncryption: "1.2.840.113549.1.1.1",
  /** RFC 4055 §3. */
  rsassaPss: "1.2.840.113549.1.1.10",
  /** RFC 4055 §5. */
  sha256WithRsa: "1.2.840.113549.1.1.11",
  sha384WithRsa: "1.2.840.113549.1.1.12",
  sha512WithRsa: "1.2.840.113549.1.1.13",
  /** RFC 5480 §2.1.1. */
  ecPublicKey: "1.2.840.10045.2.1",
  /** RFC 5758 §3.2. */
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  ecdsaWithSha384: "1.2.840.10045.4.3.3",
  ecdsaWithSha512: "1.2.840.10045.4.3.4",
  /** RFC 8410 §3. */
  ed25519: "1.3.101.112",
  /** RFC 9881 §2. */
  mlDsa44: "2.16.840.1.101.3.4.3.17",
  mlDsa65: "2.16.840.1.101.3.4.3.18",
  mlDsa87: "2.16.840.1.101.3.4.3.19",
} as const;

/** Parameter sets of ML-DSA by their identifiers. */
export const mlDsaParameters: ReadonlyMap<string, MlDsaName> = new Map([
  [algorithmOid.mlDsa44, "ML-DSA-44"],
  [algorithmOid.mlDsa65, "ML-DSA-65"],
  [algorithmOid.mlDsa87, "ML-DSA-87"],
]);

/** RFC 4055 §2.1. SHA-1 and SHA-224 are not among them: nothing signed with them is taken. */
const hashes: ReadonlyMap<string, HashName> = new Map([
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/** RFC 4055 §2.2. */
const mgf1 = "1.2.840.113549.1.1.8";

/** Reads an AlgorithmIdentifier, its parameters by the identifier. */
export function readAlgorithm<T>(
  reader: DerReader,
  readParameters: (oid: string, parameters: DerReader) => T,
): T {
  return reader.inside(tag.sequence, (inner) => readParameters(inner.oid(), inner));
}

/** Parameters that are NULL or absent: where an RFC demands both be taken. */
export function readNullOrAbsent(parameters: DerReader): void {
  if (parameters.next !== undefined) parameters.null();
}

/** What the parameters of RSASSA-PSS say. */
export interface PssParameters {
  /** Hash of the message, and of the mask too. */
  readonly hash: HashName;
  /** Bytes. */
  readonly saltLength: number;
}

/**
 * RSASSA-PSS-params (RFC 4055 §3.1), which must use one hash throughout. The defaults are SHA-1, so
 * all of hash, mask and salt have to be there.
 *
 * @throws TlsError `certificate/unsupported-algorithm`.
 */
export function readPssParameters(parameters: DerReader): PssParameters {
  return parameters.inside(tag.sequence, (inner) => {
    const hash = inner.optional(constructed(0), readHash);
    const maskHash = inner.optional(constructed(1), (mask) =>
      readAlgorithm(mask, (oid, maskParameters) => {
        if (oid !== mgf1) throw unsupported(`RSASSA-PSS with the mask function ${oid}`, "MGF1");
        return readHash(maskParameters);
      }),
    );
    const saltLength = inner.optional(constructed(2), (salt) => salt.smallUnsigned());
    const trailer = inner.optional(constructed(3), (field) => field.smallUnsigned());
    if (hash === undefined || maskHash === undefined) {
      throw unsupported("RSASSA-PSS with SHA-1", "SHA-256, SHA-384 or SHA-512");
    }
    if (maskHash !== hash) {
      throw unsupported(`RSASSA-PSS with ${hash} and a mask of ${maskHash}`, "one hash for both");
    }
    if (trailer !== undefined && trailer !== 1) {
      throw unsupported(`RSASSA-PSS with trailer field ${trailer}`, "1");
    }
    return { hash, saltLength: saltLength ?? 20 };
  });
}

/** RFC 4055 §2.1: the parameters of a hash may be NULL or absent. */
function readHash(reader: DerReader): HashName {
  return readAlgorithm(reader, (oid, parameters) => {
    const hash = hashes.get(oid);
    if (hash === undefined) {
      throw unsupported(`the hash function ${oid}`, [...hashes.values()].join(", "));
    }
    readNullOrAbsent(parameters);
    return hash;
  });
}

/** The error for an algorithm that is not taken. */
export function unsupported(found: string, expected: string): TlsError {
  return new TlsError(
    "certificate/unsupported-algorithm",
    `A certificate uses ${found}: expected ${expected}. Its issuer has to use another algorithm.`,
  );
}
