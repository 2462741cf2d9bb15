/**
 * What signs for an identity: a key in PEM, a `CryptoKey`, or somebody else.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import {
  type CryptoProvider,
  isAble,
  type PrivateKey,
  type PublicKey,
  type SigningKey,
} from "../../crypto/provider.ts";
import { coordinateLength } from "../../crypto/verification.ts";
import { invalidOption, TlsError } from "../../errors.ts";
import { privateKeyFromPem, type ReadPrivateKey } from "../../x509/private-key.ts";
import { verifySignature } from "../../x509/signature.ts";
import { encodeSignature } from "../../x509/signature-encoding.ts";
import { isOfParameters, type SignatureScheme, signatureSchemes } from "../signature-scheme.ts";
import { type ExternalSigner, type IdentityOptions, isCryptoKey } from "./identity.ts";

/** What an identity signs by, most wanted first, and how. */
export interface Signer {
  readonly schemes: readonly SignatureScheme[];
  sign(scheme: SignatureScheme, content: Bytes): Promise<Bytes>;
}

/**
 * Reads the key of an identity, and finds it to be that of the certificate: a key by a signature on
 * trial, an external signer by each signature that it makes.
 *
 * @param publicKey of the certificate.
 */
export async function readSigner(
  identity: IdentityOptions,
  publicKey: PublicKey,
  crypto: CryptoProvider,
): Promise<Signer> {
  const { key } = identity;
  if (typeof key !== "string" && !isCryptoKey(key)) {
    const schemes = schemesOf(identity, publicKey, ({ name }) => key.schemes.includes(name));
    return {
      schemes,
      sign: (scheme, content) => signElsewhere(key, scheme, content, publicKey, crypto),
    };
  }
  const { signingKey, can } =
    typeof key === "string"
      ? await fromPem(key, publicKey, crypto)
      : await fromCryptoKey(key, publicKey, crypto);
  const schemes = schemesOf(identity, publicKey, can);
  const sign = (scheme: SignatureScheme, content: Bytes) => signHere(signingKey, scheme, content);
  const [first] = schemes;
  const signature = await sign(first, trial);
  if (!(await verifySignature(crypto, first.algorithm, publicKey, signature, trial))) {
    throw mismatch("A signature with the key does not verify by the certificate");
  }
  return { schemes, sign };
}

/** What is signed on trial: nothing that means anything to a protocol. */
const trial: Bytes = new TextEncoder().encode("webtls: is this the key of this certificate?");

/** The schemes that go with the certificate, that the key can do and that the caller wants. */
function schemesOf(
  { signatureSchemes: wanted }: IdentityOptions,
  publicKey: PublicKey,
  can: (scheme: SignatureScheme) => boolean,
): readonly [SignatureScheme, ...SignatureScheme[]] {
  const possible = signatureSchemes.filter((scheme) => goesWith(scheme, publicKey) && can(scheme));
  const isOwnCurve = ({ curve }: SignatureScheme) =>
    publicKey.kind === "ec" && curve === publicKey.curve;
  // TLS 1.2 allows the hashes of other curves too, but the curve's own comes first.
  const usual = [...possible.filter(isOwnCurve), ...possible.filter((one) => !isOwnCurve(one))];
  const [first, ...others] =
    wanted?.flatMap((name) => possible.filter((one) => one.name === name)) ?? usual;
  if (first !== undefined) return [first, ...others];
  const names = possible.map(({ name }) => name).join(", ");
  if (wanted !== undefined) {
    throw invalidOption("identity.signatureSchemes", `one that the key can do (${names})`);
  }
  throw new TlsError(
    "identity/bad-key",
    `The key can sign by no scheme that goes with its certificate, which has a key of the kind ${publicKey.kind}. A CryptoKey of RSA has to be one for SHA-256, SHA-384 or SHA-512.`,
  );
}

/** Whether a scheme goes with a public key in one of the versions. */
function goesWith(scheme: SignatureScheme, publicKey: PublicKey): boolean {
  const { key, algorithm } = scheme;
  if (key !== publicKey.kind) return false;
  if (publicKey.kind === "ml-dsa") return isOfParameters(scheme, publicKey.parameters);
  // RFC 4055 §3.3: a key that names a hash is for that hash alone.
  if (publicKey.kind !== "rsa-pss" || publicKey.pssHash === undefined) return true;
  return algorithm.kind === "rsa-pss" && algorithm.hash === publicKey.pssHash;
}

/** A key at hand, and what it can do of what goes with the certificate. */
interface Held {
  readonly signingKey: SigningKey;
  readonly can: (scheme: SignatureScheme) => boolean;
}

async function fromPem(pem: string, publicKey: PublicKey, crypto: CryptoProvider): Promise<Held> {
  const signingKey = await crypto.importSigningKey(joinHalves(privateKeyFromPem(pem), publicKey));
  if (signingKey === undefined)
    throw mismatch("The key is not valid together with the certificate");
  return { signingKey, can: () => true };
}

/**
 * Completes the private key by what the certificate says of it.
 *
 * @throws TlsError `identity/key-mismatch` where they are of two kinds.
 */
export function joinHalves(key: ReadPrivateKey, publicKey: PublicKey): PrivateKey {
  if ("rsaPrivateKey" in key) {
    if (key.kind !== publicKey.kind) throw otherKind(key.kind, publicKey.kind);
    return { kind: "rsa", rsaPrivateKey: key.rsaPrivateKey };
  }
  if (key.kind !== "ec") {
    // Of ML-DSA, two parameter sets show by the signature on trial.
    if (key.kind !== publicKey.kind) throw otherKind(key.kind, publicKey.kind);
    return key;
  }
  if (publicKey.kind !== "ec") throw otherKind(key.kind, publicKey.kind);
  const { curve, point } = publicKey;
  const length = coordinateLength[curve];
  if ((key.curve ?? curve) !== curve || key.scalar.length > length) {
    throw otherKind(key.curve ?? "a longer curve", curve);
  }
  // RFC 5915 §3 wants the full length; not all who wrote keys kept to it.
  const scalar = new Uint8Array(length);
  scalar.set(key.scalar, length - key.scalar.length);
  return { kind: "ec", curve, scalar, point };
}

async function fromCryptoKey(
  key: CryptoKey,
  publicKey: PublicKey,
  crypto: CryptoProvider,
): Promise<Held> {
  const signingKey = await crypto.adoptSigningKey(key);
  if (signingKey === undefined) {
    throw new TlsError(
      "identity/bad-key",
      `The CryptoKey is a ${key.type} key of ${key.algorithm.name} for ${key.usages.join(", ") || "nothing"}: expected a private one for "sign", of ECDSA, Ed25519, RSA-PSS or RSASSA-PKCS1-v1_5.`,
    );
  }
  const { ability } = signingKey;
  const kind = publicKey.kind === "rsa-pss" ? "rsa" : publicKey.kind;
  if (ability.kind !== kind) throw otherKind(ability.kind, publicKey.kind);
  if (ability.kind === "ec" && publicKey.kind === "ec" && ability.curve !== publicKey.curve) {
    throw otherKind(ability.curve, publicKey.curve);
  }
  return { signingKey, can: ({ algorithm }) => isAble(ability, algorithm) };
}

async function signHere(key: SigningKey, scheme: SignatureScheme, content: Bytes): Promise<Bytes> {
  try {
    return encodeSignature(scheme.algorithm, await key.sign(scheme.algorithm, content));
  } catch (cause) {
    if (cause instanceof TlsError) throw cause;
    throw new TlsError(
      "identity/signing-failed",
      `The platform refused to sign by ${scheme.name} with the client's key.`,
      { cause },
    );
  }
}

async function signElsewhere(
  signer: ExternalSigner,
  scheme: SignatureScheme,
  content: Bytes,
  publicKey: PublicKey,
  crypto: CryptoProvider,
): Promise<Bytes> {
  let signature: Bytes;
  try {
    // A copy: what the signer does with it is its own affair.
    signature = Uint8Array.from(await signer.sign(scheme.name, content.slice()));
  } catch (cause) {
    if (cause instanceof TlsError) throw cause;
    throw new TlsError(
      "identity/signing-failed",
      `The external signer failed to sign by ${scheme.name}. The cause says why.`,
      { cause },
    );
  }
  if (await verifySignature(crypto, scheme.algorithm, publicKey, signature, content)) {
    return signature;
  }
  throw new TlsError(
    "identity/signing-failed",
    `What the external signer made is no signature by ${scheme.name} with the certificate's key. It has to sign the content itself, not a hash of it; ECDSA signatures are expected in DER.`,
  );
}

function otherKind(found: string, expected: string): TlsError {
  return mismatch(`The key is one of ${found}, the certificate's of ${expected}`);
}

export function mismatch(reason: string): TlsError {
  return new TlsError(
    "identity/key-mismatch",
    `${reason}: they do not belong together. Give the certificate first that was issued for this key.`,
  );
}
