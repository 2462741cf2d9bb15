/**
 * Signatures as they stand in certificates and in TLS's handshake messages.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import {
  type CryptoProvider,
  type HashName,
  hashLength,
  type PublicKey,
  type SignatureAlgorithm,
} from "../crypto/provider.ts";
import { coordinateLength } from "../crypto/verification.ts";
import { type Sentence, TlsError } from "../errors.ts";
import {
  algorithmOid,
  readAlgorithm,
  readNullOrAbsent,
  readPssParameters,
  unsupported,
} from "./algorithm.ts";
import { type DerReader, readDer, tag } from "./der.ts";

/**
 * Reads the algorithm that a certificate is signed with.
 *
 * @param algorithmIdentifier DER.
 * @throws TlsError `certificate/malformed`; `certificate/unsupported-algorithm`, for SHA-1 and MD5
 * too.
 */
export function parseSignatureAlgorithm(algorithmIdentifier: Bytes): SignatureAlgorithm {
  return readDer(algorithmIdentifier, "a certificate's signature algorithm", (reader) =>
    readAlgorithm(reader, (oid, parameters) => {
      const row = algorithms.get(oid);
      if (row === undefined) {
        throw unsupported(
          `the signature algorithm ${retired.get(oid) ?? oid}`,
          "ECDSA, RSA or Ed25519 with SHA-256, SHA-384 or SHA-512",
        );
      }
      return row(parameters);
    }),
  );
}

/**
 * Verifies a signature as it is on the wire.
 *
 * @param signature ECDSA: an ECDSA-Sig-Value in strict DER (RFC 5480 appendix A, RFC 8446 §4.2.3).
 * @returns false also for a signature of the wrong shape and a key of another kind.
 */
export async function verifySignature(
  provider: CryptoProvider,
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  if (algorithm.kind === "ecdsa") {
    if (key.kind !== "ec") return false;
    const numbers = ecdsaNumbers(signature, coordinateLength[key.curve]);
    return numbers !== undefined && provider.verifySignature(algorithm, key, numbers, message);
  }
  // RFC 4055 §3.3: a key that names a hash is for that hash alone.
  if (algorithm.kind === "rsa-pss" && key.kind === "rsa-pss") {
    if (key.pssHash !== undefined && key.pssHash !== algorithm.hash) return false;
  }
  return provider.verifySignature(algorithm, key, signature, message);
}

export type ReadParameters = (parameters: DerReader) => SignatureAlgorithm;

/** RFC 5758 §3.2: the parameters MUST be absent. What is left over is refused by the reader. */
const ecdsa =
  (hash: HashName): ReadParameters =>
  () => ({ kind: "ecdsa", hash });

/** RFC 4055 §5: the parameters MUST be NULL, but absent ones MUST be accepted. */
const pkcs1 =
  (hash: HashName): ReadParameters =>
  (parameters) => {
    readNullOrAbsent(parameters);
    return { kind: "rsa-pkcs1", hash };
  };

/** RFC 4055 §3.1, with the salt that TLS uses: as long as the hash. */
const pss: ReadParameters = (parameters) => {
  const { hash, saltLength } = readPssParameters(parameters);
  if (saltLength !== hashLength[hash]) {
    throw unsupported(`RSASSA-PSS with a salt of ${saltLength} bytes`, `${hashLength[hash]}`);
  }
  return { kind: "rsa-pss", hash };
};

/** What certificates may be signed with. */
export const algorithms: ReadonlyMap<string, ReadParameters> = new Map([
  [algorithmOid.ecdsaWithSha256, ecdsa("SHA-256")],
  [algorithmOid.ecdsaWithSha384, ecdsa("SHA-384")],
  [algorithmOid.ecdsaWithSha512, ecdsa("SHA-512")],
  [algorithmOid.sha256WithRsa, pkcs1("SHA-256")],
  [algorithmOid.sha384WithRsa, pkcs1("SHA-384")],
  [algorithmOid.sha512WithRsa, pkcs1("SHA-512")],
  [algorithmOid.rsassaPss, pss],
  // RFC 8410 §3: the parameters MUST be absent.
  [algorithmOid.ed25519, () => ({ kind: "ed25519" })],
  // RFC 9881 §2: so here.
  [algorithmOid.mlDsa44, () => ({ kind: "ml-dsa", parameters: "ML-DSA-44" })],
  [algorithmOid.mlDsa65, () => ({ kind: "ml-dsa", parameters: "ML-DSA-65" })],
  [algorithmOid.mlDsa87, () => ({ kind: "ml-dsa", parameters: "ML-DSA-87" })],
]);

/** Algorithms that are refused by name, as they are still met (RFC 3279 §2.2, RFC 9155). */
export const retired: ReadonlyMap<string, Sentence> = new Map([
  ["1.2.840.113549.1.1.4", "RSA with MD5"],
  ["1.2.840.113549.1.1.5", "RSA with SHA-1"],
  ["1.2.840.10045.4.1", "ECDSA with SHA-1"],
  ["1.2.840.10040.4.3", "DSA with SHA-1"],
]);

/** r and s at the curve's full length, one after the other; undefined where they don't fit. */
function ecdsaNumbers(signature: Uint8Array, length: number): Bytes | undefined {
  const joined = new Uint8Array(2 * length);
  try {
    // The reader refers into plain buffers only; a signature is at most some 140 bytes long.
    readDer(Uint8Array.from(signature), "an ECDSA signature", (reader) =>
      reader.inside(tag.sequence, (numbers) => {
        for (const end of [length, 2 * length]) {
          const number = numbers.unsigned();
          if (number.length > length) throw numbers.malformed("a number is too long for the curve");
          joined.set(number, end - number.length);
        }
      }),
    );
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
  return joined;
}
