/**
 * What the protocol asks of cryptography. `webcrypto.ts` and `noble.ts` are siblings that answer
 * it; `platform.ts` takes each algorithm from the first that has it.
 *
 * @module
 */

import type { Bytes } from "./bytes.ts";

/** Hash functions, by their WebCrypto names (FIPS 180-4). */
export type HashName = "SHA-256" | "SHA-384" | "SHA-512";

/** What {@link CryptoProvider.digest} knows: SHA-1 only names things, and protects nothing. */
export type DigestName = HashName | "SHA-1";

/** Authenticated encryption (NIST SP 800-38D, RFC 8439): 12 byte nonce, 16 byte tag. */
export type AeadName = "AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305";

/** Diffie-Hellman groups (RFC 7748, FIPS 186-5). */
export type DhGroup = "X25519" | "P-256" | "P-384" | "P-521";

/** Parameter sets of ML-DSA (FIPS 204 §4). */
export type MlDsaName = "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";

/** Parameters of ML-KEM (FIPS 203 §8). */
export type MlKemName = "ML-KEM-768" | "ML-KEM-1024";

/** Length of each hash's output, in bytes. */
export const hashLength: Readonly<Record<HashName, number>> = {
  "SHA-256": 32,
  "SHA-384": 48,
  "SHA-512": 64,
};

/** Length of each AEAD's key, in bytes. */
export const aeadKeyLength: Readonly<Record<AeadName, number>> = {
  "AES-128-GCM": 16,
  "AES-256-GCM": 32,
  "ChaCha20-Poly1305": 32,
};

/** Length of the nonce and the tag of every {@link AeadName}, in bytes. */
export const aeadNonceLength = 12;
export const aeadTagLength = 16;

/** An HMAC key (RFC 2104). */
export interface HmacKey {
  sign(data: Uint8Array): Promise<Bytes>;
  /** Compares in constant time, as far as the platform allows. */
  verify(mac: Uint8Array, data: Uint8Array): Promise<boolean>;
}

/** An AEAD key. */
export interface AeadKey {
  /** The platform's, which another worker can be given; undefined where a library has the key. */
  readonly handle?: CryptoKey;
  /** @returns the ciphertext with the tag at its end, in a buffer of its own. */
  seal(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Promise<Bytes>;
  /** @returns the plaintext in a buffer of its own, or undefined where the tag does not match. */
  open(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Bytes | undefined>;
}

/** An ephemeral Diffie-Hellman key pair. */
export interface DhKeyPair {
  /** As it stands in a key share: 32 bytes for X25519, an uncompressed point otherwise. */
  readonly publicKey: Bytes;
  /**
   * @param peer the peer's public key in the same form.
   * @returns the shared secret (the x-coordinate, at the field's full length), or undefined where
   * the peer's key is not a valid one: wrong length, point not on the curve, all-zero X25519 result
   * (RFC 7748 §6.1, RFC 8446 §7.4.2).
   */
  agree(peer: Uint8Array): Promise<Bytes | undefined>;
}

/** Length of a ciphertext, in bytes (FIPS 203 §8). */
export const ciphertextLength: Readonly<Record<MlKemName, number>> = {
  "ML-KEM-768": 1088,
  "ML-KEM-1024": 1568,
};

/** An ephemeral ML-KEM key pair (FIPS 203). */
export interface KemKeyPair {
  /** 1184 bytes of ML-KEM-768, 1568 of ML-KEM-1024. */
  readonly encapsulationKey: Bytes;
  /**
   * @param ciphertext of {@link ciphertextLength}; any other length gives undefined.
   * @returns 32 bytes of shared secret.
   */
  decapsulate(ciphertext: Uint8Array): Promise<Bytes | undefined>;
}

/** A public key that signatures are verified with, as `x509/` reads it from SubjectPublicKeyInfo. */
export type PublicKey =
  | { readonly kind: "ec"; readonly curve: "P-256" | "P-384" | "P-521"; readonly point: Bytes }
  | { readonly kind: "ed25519"; readonly key: Bytes }
  | { readonly kind: "ml-dsa"; readonly parameters: MlDsaName; readonly key: Bytes }
  | {
      /** `rsa-pss` keys are those with the id-RSASSA-PSS identifier (RFC 4055). */
      readonly kind: "rsa" | "rsa-pss";
      /** Big-endian, without leading zeros. */
      readonly modulus: Bytes;
      readonly exponent: Bytes;
      /** Of an `rsa-pss` key: the one hash it may be used with, where it says so (RFC 4055 §3.3). */
      readonly pssHash?: HashName;
    };

/** A private key that signatures are made with, as `x509/` reads it from its container. */
export type PrivateKey =
  | {
      readonly kind: "ec";
      readonly curve: "P-256" | "P-384" | "P-521";
      /** Big-endian, at the curve's full length. */
      readonly scalar: Bytes;
      /** The public half, an uncompressed point: engines want both. */
      readonly point: Bytes;
    }
  | { readonly kind: "ed25519"; readonly seed: Bytes }
  | { readonly kind: "ml-dsa"; readonly parameters: MlDsaName; readonly seed: Bytes }
  /** DER of an RSAPrivateKey (RFC 8017 appendix A.1.2). */
  | { readonly kind: "rsa"; readonly rsaPrivateKey: Bytes };

/** A private key in a provider's hands. */
export interface SigningKey {
  /**
   * @param algorithm one that goes with the key.
   * @returns ECDSA: r and s at the curve's full length, one after the other (IEEE P1363).
   */
  sign(algorithm: SignatureAlgorithm, message: Uint8Array): Promise<Bytes>;
}

/** A key of WebCrypto's that signs, and what it can do. */
export interface PlatformSigningKey extends SigningKey {
  readonly ability: CryptoKeyAbility;
}

/** What a `CryptoKey` can do, as far as TLS knows it. */
export type CryptoKeyAbility =
  | { readonly kind: "ec"; readonly curve: string }
  | { readonly kind: "ed25519" }
  /** The padding and hash it is bound to. */
  | { readonly kind: "rsa"; readonly padding: "rsa-pss" | "rsa-pkcs1"; readonly hash: string };

/** Whether a key can sign by an algorithm of its kind. */
export function isAble(ability: CryptoKeyAbility, algorithm: SignatureAlgorithm): boolean {
  if (ability.kind !== "rsa") return true;
  return (
    algorithm.kind === ability.padding && "hash" in algorithm && algorithm.hash === ability.hash
  );
}

/** How a signature is made. The salt of RSA-PSS is as long as the hash (RFC 8446 §4.2.3). */
export type SignatureAlgorithm =
  | { readonly kind: "ecdsa"; readonly hash: HashName }
  | { readonly kind: "ed25519" }
  | { readonly kind: "ml-dsa"; readonly parameters: MlDsaName }
  | { readonly kind: "rsa-pss"; readonly hash: HashName }
  | { readonly kind: "rsa-pkcs1"; readonly hash: HashName };

/** A source of cryptography. Every method may load what it needs on first use. */
export interface CryptoProvider {
  /** Whether AES runs on the platform. Where it does not, ChaCha20 is offered first. */
  readonly hasPlatformAes: boolean;
  /** Fresh random bytes from the platform's generator; at most 65536 at once. */
  randomBytes(length: number): Bytes;
  digest(hash: DigestName, data: Uint8Array): Promise<Bytes>;
  /** @param key any length, the empty key included. */
  importHmacKey(hash: HashName, key: Uint8Array): Promise<HmacKey>;
  /** @param key {@link aeadKeyLength} bytes. */
  importAeadKey(aead: AeadName, key: Uint8Array): Promise<AeadKey>;
  generateDhKeyPair(group: DhGroup): Promise<DhKeyPair>;
  generateMlKemKeyPair(parameters: MlKemName): Promise<KemKeyPair>;
  /**
   * Whether the signature is good. False also for a signature of the wrong shape, a key of the
   * wrong kind for the algorithm, or a key that is not valid (point off the curve).
   *
   * @param signature ECDSA: r and s at the curve's full length, one after the other (IEEE P1363);
   * `x509/` turns the DER form into it.
   */
  verifySignature(
    algorithm: SignatureAlgorithm,
    key: PublicKey,
    signature: Uint8Array,
    message: Uint8Array,
  ): Promise<boolean>;
  /**
   * Takes a private key. Where the platform has the algorithm, it can't be got out of it again.
   *
   * @returns undefined for a key that is not valid, as far as the provider sees. Whether its two
   * halves belong together shows when a signature is verified.
   */
  importSigningKey(key: PrivateKey): Promise<SigningKey | undefined>;
  /**
   * Takes a key that WebCrypto has already; it need not be extractable.
   *
   * @returns undefined for a key that is not one to sign with, or of another algorithm.
   */
  adoptSigningKey(key: CryptoKey): Promise<PlatformSigningKey | undefined>;
}
