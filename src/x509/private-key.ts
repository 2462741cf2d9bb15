/**
 * Private keys in PEM: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1.2) and SEC 1 (RFC 5915).
 *
 * Nothing of a key gets into an error but what kind it is of.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { MlDsaName } from "../crypto/provider.ts";
import { coordinateLength, type NistCurve } from "../crypto/verification.ts";
import { TlsError } from "../errors.ts";
import { algorithmOid, mlDsaParameters, readAlgorithm } from "./algorithm.ts";
import { constructed, type DerReader, primitive, readDer, tag } from "./der.ts";
import { bytesOfBlock, type PemBlock, pemBlocks } from "./pem.ts";
import { namedCurves } from "./public-key.ts";

/** A private key as it was read. What its container left out, the certificate knows. */
export type ReadPrivateKey =
  | {
      readonly kind: "ec";
      /** Undefined where a SEC 1 key does not say. */
      readonly curve: NistCurve | undefined;
      /** Big-endian, at the length that it was written in. */
      readonly scalar: Bytes;
    }
  | { readonly kind: "ed25519"; readonly seed: Bytes }
  | { readonly kind: "ml-dsa"; readonly parameters: MlDsaName; readonly seed: Bytes }
  /** `rsaPrivateKey` is the DER of an RSAPrivateKey. */
  | { readonly kind: "rsa" | "rsa-pss"; readonly rsaPrivateKey: Bytes };

/** Reads a key; `der` is what the reader stands at the start of. */
type Read = (reader: DerReader, der: Bytes) => ReadPrivateKey;

/** How each form is read, by the label of its block. */
const forms: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["PRIVATE KEY", readPkcs8],
  ["RSA PRIVATE KEY", readPkcs1],
  ["EC PRIVATE KEY", readSec1],
]);

/**
 * Reads the one private key of a PEM. Other blocks are let pass: `openssl ecparam` writes one with
 * the curve in front, and some keep the certificate in the same file.
 *
 * @throws TlsError `identity/encrypted-key`; `identity/bad-key` where there is no key or more than
 * one, or where it is malformed or of a kind that TLS has no use for.
 */
export function privateKeyFromPem(pem: string): ReadPrivateKey {
  const keys = pemBlocks(pem, badKey).filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [block] = keys;
  if (block === undefined || keys.length > 1) {
    throw badKey(`${keys.length} private keys where one was expected`);
  }
  if (isEncrypted(block)) {
    throw new TlsError(
      "identity/encrypted-key",
      `The private key is encrypted ("${block.label}"), and it has no password here. Import it by importPem() of webtls/identity, or give it decrypted, as "openssl pkey -in key.pem" writes it.`,
    );
  }
  const read = forms.get(block.label);
  if (read === undefined) throw badKey(`"${block.label}", a form that is not known here`);
  return readKey(bytesOfBlock(block.text, "a private key", badKey), read);
}

/** PKCS#8 says it by its label, the older forms by a header (RFC 1421 §4.6). */
function isEncrypted({ label, text }: PemBlock): boolean {
  return label === "ENCRYPTED PRIVATE KEY" || /^\s*Proc-Type:.*ENCRYPTED/.test(text);
}

/**
 * Reads a private key in PKCS#8.
 *
 * @throws TlsError `identity/bad-key`.
 */
export function privateKeyFromPkcs8(der: Bytes): ReadPrivateKey {
  return readKey(der, readPkcs8);
}

function readKey(der: Bytes, read: Read): ReadPrivateKey {
  try {
    return readDer(der, "the private key", (reader) => read(reader, der));
  } catch (cause) {
    if (!(cause instanceof TlsError) || cause.code !== "certificate/malformed") throw cause;
    // Not as the cause: what it advises is for certificates.
    throw badKey("a private key that is not whole, or not in strict DER");
  }
}

/** PrivateKeyInfo, OneAsymmetricKey (RFC 5958 §2). */
function readPkcs8(reader: DerReader): ReadPrivateKey {
  return reader.inside(tag.sequence, (info) => {
    const version = info.smallUnsigned();
    if (version > 1) throw info.malformed(`its version is ${version}`);
    const readContent = readAlgorithm(info, contentReader);
    const content = info.content(tag.octetString);
    // Attributes and the public key: neither is needed.
    if (info.next === constructed(0)) info.content(constructed(0));
    if (version === 1 && info.next === primitive(1)) info.content(primitive(1));
    return readDer(content, "the private key", (inner) => readContent(inner, content));
  });
}

/** Reads the parameters of a key's algorithm, and gives what reads the key itself. */
function contentReader(oid: string, parameters: DerReader): Read {
  switch (oid) {
    case algorithmOid.ecPublicKey: {
      const curve = readCurve(parameters);
      return (reader) => readEcPrivateKey(reader, curve);
    }
    case algorithmOid.ed25519:
      // CurvePrivateKey (RFC 8410 §7).
      return (reader) => {
        const seed = reader.content(tag.octetString);
        if (seed.length !== 32) throw reader.malformed("an Ed25519 key is not 32 bytes long");
        return { kind: "ed25519", seed };
      };
    case algorithmOid.rsaEncryption:
      parameters.null();
      return readPkcs1;
    case algorithmOid.rsassaPss:
      // The certificate has the same parameters, and is where they are heeded.
      if (parameters.next !== undefined) parameters.any();
      return (reader, der) => ({ ...readPkcs1(reader, der), kind: "rsa-pss" });
    default: {
      const mlDsa = mlDsaParameters.get(oid);
      if (mlDsa !== undefined) return (reader) => readMlDsaPrivateKey(reader, mlDsa);
      throw badKey(`a private key of the type ${oid}`);
    }
  }
}

function readSec1(reader: DerReader): ReadPrivateKey {
  return readEcPrivateKey(reader, undefined);
}

/** ECPrivateKey (RFC 5915 §3). Its public key is not read: the certificate's counts. */
function readEcPrivateKey(
  reader: DerReader,
  outer: NistCurve | undefined,
): Extract<ReadPrivateKey, { kind: "ec" }> {
  return reader.inside(tag.sequence, (key) => {
    if (key.smallUnsigned() !== 1) throw key.malformed("the version of an EC key is not 1");
    const scalar = key.content(tag.octetString);
    const inner = key.optional(constructed(0), readCurve);
    if (key.next === constructed(1)) key.content(constructed(1));
    const curve = outer ?? inner;
    if (inner !== undefined && inner !== curve) throw key.malformed("it names two curves");
    if (curve !== undefined && scalar.length > coordinateLength[curve]) {
      throw key.malformed("the number is too long for its curve");
    }
    return { kind: "ec", curve, scalar };
  });
}

/** ML-DSA-PrivateKey (RFC 9881 §6): a seed, what is made of it, or both. The seed is needed. */
function readMlDsaPrivateKey(reader: DerReader, parameters: MlDsaName): ReadPrivateKey {
  const seed =
    reader.next === tag.sequence
      ? reader.inside(tag.sequence, (both) => {
          const first = both.content(tag.octetString);
          both.content(tag.octetString);
          return first;
        })
      : reader.content(primitive(0));
  if (seed.length !== 32) throw reader.malformed("the seed of an ML-DSA key is not 32 bytes long");
  return { kind: "ml-dsa", parameters, seed };
}

function readCurve(reader: DerReader): NistCurve {
  const oid = reader.oid();
  const curve = namedCurves.get(oid);
  if (curve === undefined) throw badKey(`an EC key on the curve ${oid}`);
  return curve;
}

/** RSAPrivateKey of two primes (RFC 8017 appendix A.1.2): a version and eight numbers. */
function readPkcs1(
  reader: DerReader,
  der: Bytes,
): Extract<ReadPrivateKey, { rsaPrivateKey: Bytes }> {
  reader.inside(tag.sequence, (key) => {
    if (key.smallUnsigned() !== 0) throw key.malformed("the version of an RSA key is not 0");
    for (let count = 0; count < 8; count++) key.unsigned();
  });
  return { kind: "rsa", rsaPrivateKey: der };
}

function badKey(found: string): TlsError {
  return new TlsError(
    "identity/bad-key",
    `The private key can't be used: found ${found}. Expected is one private key, RSA, ECDSA (P-256, P-384, P-521), Ed25519 or ML-DSA (with its seed), as "PRIVATE KEY", "RSA PRIVATE KEY" or "EC PRIVATE KEY".`,
  );
}
