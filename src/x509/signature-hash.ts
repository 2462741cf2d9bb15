/**
 * The hash function of a certificate's signature, for channel bindings.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { HashName } from "../crypto/provider.ts";
import { readAlgorithm } from "./algorithm.ts";
import { readDer } from "./der.ts";
import { algorithms, parseSignatureAlgorithm, retired } from "./signature.ts";

/**
 * The hash function of the algorithm that a certificate is signed with, as channel bindings need it:
 * SHA-256 stands for MD5 and SHA-1 (RFC 5929 §4.1).
 *
 * @param algorithmIdentifier DER.
 * @returns undefined where the algorithm has none of its own, or is not known.
 * @throws TlsError `certificate/malformed`; `certificate/unsupported-algorithm` for the parameters
 * of RSASSA-PSS.
 */
export function signatureHash(algorithmIdentifier: Bytes): HashName | undefined {
  const oid = readDer(algorithmIdentifier, "a certificate's signature algorithm", (reader) =>
    readAlgorithm(reader, (identifier, parameters) => {
      while (parameters.next !== undefined) parameters.any();
      return identifier;
    }),
  );
  if (retired.has(oid)) return "SHA-256";
  if (!algorithms.has(oid)) return undefined;
  const algorithm = parseSignatureAlgorithm(algorithmIdentifier);
  return "hash" in algorithm ? algorithm.hash : undefined;
}
