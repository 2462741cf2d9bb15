/**
 * SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of the keys that TLS servers and their issuers have.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { type HashName, hashLength, type MlDsaName, type PublicKey } from "../crypto/provider.ts";
import {
  isUncompressedPoint,
  maxRsaExponentLength,
  mlDsaLengths,
  type NistCurve,
} from "../crypto/verification.ts";
import { TlsError } from "../errors.ts";
import {
  algorithmOid,
  mlDsaParameters,
  type PssParameters,
  readAlgorithm,
  readPssParameters,
  unsupported,
} from "./algorithm.ts";
import { type DerReader, readDer, tag } from "./der.ts";

/** Bounds of RSA moduli, in bits. Longer ones cost seconds to verify with. */
const rsaBits = { min: 2048, max: 8192 } as const;

/** RFC 5480 §2.1.1.1. */
export const namedCurves: ReadonlyMap<string, NistCurve> = new Map([
  ["1.2.840.10045.3.1.7", "P-256"],
  ["1.3.132.0.34", "P-384"],
  ["1.3.132.0.35", "P-521"],
]);

/**
 * Reads a public key. Whether an EC point is on its curve shows when a signature is verified.
 *
 * @param subjectPublicKeyInfo DER.
 * @throws TlsError `certificate/malformed`, `certificate/weak-key` (an RSA key shorter than 2048
 * bits or longer than 8192), `certificate/unsupported-algorithm`.
 */
export function parsePublicKey(subjectPublicKeyInfo: Bytes): PublicKey {
  return readDer(subjectPublicKeyInfo, "a certificate's public key", (reader) =>
    reader.inside(tag.sequence, (info) => {
      const readKey = readAlgorithm(info, keyReader);
      return readKey(info.bitStringOfBytes());
    }),
  );
}

/** Reads the parameters of a key's algorithm, and gives what reads the key itself. */
function keyReader(oid: string, parameters: DerReader): (key: Bytes) => PublicKey {
  switch (oid) {
    case algorithmOid.ecPublicKey: {
      // RFC 5480 §2.1.1: a named curve; the other choices MUST NOT be used.
      const name = parameters.oid();
      const curve = namedCurves.get(name);
      if (curve === undefined) throw unsupported(`the curve ${name}`, "P-256, P-384 or P-521");
      return (point) => ecKey(curve, point);
    }
    case algorithmOid.ed25519:
      // RFC 8410 §3: the parameters MUST be absent.
      return ed25519Key;
    case algorithmOid.rsaEncryption:
      // RFC 3279 §2.3.1: the parameters MUST be NULL.
      parameters.null();
      return (key) => ({ kind: "rsa", ...rsaNumbers(key) });
    case algorithmOid.rsassaPss: {
      // RFC 4055 §3.1: without parameters the key is good for any hash.
      if (parameters.next === undefined) return (key) => ({ kind: "rsa-pss", ...rsaNumbers(key) });
      const pssHash = hashOfKey(readPssParameters(parameters));
      return (key) => ({ kind: "rsa-pss", pssHash, ...rsaNumbers(key) });
    }
    default: {
      const mlDsa = mlDsaParameters.get(oid);
      // RFC 9881 §2: the parameters MUST be absent.
      if (mlDsa !== undefined) return (key) => mlDsaKey(mlDsa, key);
      throw unsupported(`the key type ${oid}`, "an RSA, ECDSA, Ed25519 or ML-DSA key");
    }
  }
}

/** RFC 4055 §3.3: a key names the least salt; ours is as long as the hash (RFC 8446 §4.2.3). */
function hashOfKey({ hash, saltLength }: PssParameters): HashName {
  if (saltLength > hashLength[hash]) {
    throw unsupported(
      `an RSASSA-PSS key for salts of at least ${saltLength} bytes`,
      `at most the ${hashLength[hash]} of ${hash}`,
    );
  }
  return hash;
}

function ecKey(curve: NistCurve, point: Bytes): PublicKey {
  // SEC 1 §2.3.3: 02 and 03 begin a compressed point, which RFC 5480 §2.2 leaves optional.
  if (point[0] === 0x02 || point[0] === 0x03) {
    throw unsupported("a compressed EC point", "an uncompressed one");
  }
  if (!isUncompressedPoint(curve, point)) {
    throw malformedKey(`${curve} key is not an uncompressed point of that curve`);
  }
  return { kind: "ec", curve, point };
}

function ed25519Key(key: Bytes): PublicKey {
  // RFC 8410 §4, RFC 8032 §5.1.5.
  if (key.length !== 32) throw malformedKey(`Ed25519 key has ${key.length} bytes instead of 32`);
  return { kind: "ed25519", key };
}

function mlDsaKey(parameters: MlDsaName, key: Bytes): PublicKey {
  // RFC 9881 §4.
  const { key: length } = mlDsaLengths[parameters];
  if (key.length === length) return { kind: "ml-dsa", parameters, key };
  throw malformedKey(`${parameters} key has ${key.length} bytes instead of ${length}`);
}

/** RSAPublicKey (RFC 8017 appendix A.1.1). */
function rsaNumbers(key: Bytes): { modulus: Bytes; exponent: Bytes } {
  return readDer(key, "a certificate's RSA key", (reader) =>
    reader.inside(tag.sequence, (numbers) => {
      const modulus = numbers.unsigned();
      const exponent = numbers.unsigned();
      const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
      if (bits < rsaBits.min || bits > rsaBits.max) {
        throw new TlsError(
          "certificate/weak-key",
          `A certificate's RSA key has ${modulus.length === 0 ? 0 : bits} bits: expected ` +
            `${rsaBits.min} to ${rsaBits.max}. Its owner needs a new key and certificate.`,
        );
      }
      // RFC 8017 §3.1: both are odd, and the exponent is at least 3.
      const isOdd = (number: Bytes) => ((number.at(-1) ?? 0) & 1) === 1;
      if (!isOdd(modulus) || !isOdd(exponent) || (exponent.length === 1 && exponent[0] === 1)) {
        throw malformedKey("RSA key has an even modulus, or an exponent that is even or 1");
      }
      if (exponent.length > maxRsaExponentLength) {
        throw unsupported(
          `an RSA key with an exponent of ${exponent.length} bytes`,
          `at most ${maxRsaExponentLength}`,
        );
      }
      return { modulus, exponent };
    }),
  );
}

function malformedKey(reason: string): TlsError {
  return new TlsError(
    "certificate/malformed",
    `A certificate's ${reason}. Its owner needs a new key and certificate.`,
  );
}
