/**
 * Who the client is: what a caller gives as `identity`, and the check of its shape.
 *
 * @module
 */

import { invalidOption } from "../../errors.ts";
import { checkNames } from "../option-checks.ts";
import type { ProtocolVersionName } from "../options.ts";
import {
  type CertificateTypeName,
  type SignatureSchemeName,
  signatureSchemeNames,
} from "../server-options.ts";

/** A client certificate with its key. All but an external signer survives structured clone. */
export interface CertificateIdentity extends IdentityOptions {
  /** The chain, the client's own certificate first: in PEM, or each in DER. */
  certificates: string | readonly Uint8Array[];
}

/** A key without a certificate, for servers that know it already (RFC 7250). */
export interface RawPublicKeyIdentity extends IdentityOptions {
  /** The public half: a SubjectPublicKeyInfo (RFC 5280 §4.1), in PEM ("PUBLIC KEY") or DER. */
  publicKey: string | Uint8Array;
}

/** What all identities have in common. */
export interface IdentityOptions {
  /**
   * The private key, RSA, ECDSA (P-256, P-384, P-521), Ed25519, or ML-DSA in PEM with its seed:
   *
   * - in PEM: PKCS#8 ("PRIVATE KEY"), PKCS#1 ("RSA PRIVATE KEY") or SEC 1 ("EC PRIVATE KEY"), not
   *   encrypted. WebCrypto keeps it from then on, where there is one;
   * - as a `CryptoKey`, which need not be extractable. An RSA key signs by the one padding and hash
   *   that it was made for: for TLS 1.3 that has to be RSA-PSS;
   * - as a signer elsewhere.
   */
  key: string | CryptoKey | ExternalSigner;
  /** Schemes to sign by, most wanted first. Default: all that the key can. */
  signatureSchemes?: readonly SignatureSchemeName[];
  /**
   * Use it only where the server names an authority that has issued one of its certificates, or
   * names none at all. Default: false, as servers' lists are not always complete.
   */
  onlyForItsAuthorities?: boolean;
}

/** Makes signatures with a key that is kept elsewhere: a token, a service, another thread. */
export interface ExternalSigner {
  /** What it can sign by. */
  schemes: readonly SignatureSchemeName[];
  /**
   * Signs. The signature is verified before it is sent.
   *
   * @param scheme one of `schemes`.
   * @param content what is signed as it is, not yet hashed.
   * @returns the signature as TLS has it: of ECDSA an ECDSA-Sig-Value in DER; of RSA-PSS with a salt
   * as long as the hash (RFC 8446 §4.2.3).
   */
  sign(
    scheme: SignatureSchemeName,
    content: Uint8Array<ArrayBuffer>,
  ): Uint8Array | Promise<Uint8Array>;
}

export type Identity = CertificateIdentity | RawPublicKeyIdentity;

/** What a server said when it asked for a client certificate. */
export interface IdentityRequest {
  version: ProtocolVersionName;
  /** The name or address that the server's certificate was checked for. */
  servername: string;
  /** What the server wants to see: a certificate, or the key alone (RFC 7250). */
  certificateType: CertificateTypeName;
  /** The authorities whose certificates it takes. Empty: it does not say. */
  authorities: readonly CertificateAuthority[];
  /** What the client may sign by, by IANA name, or in hex where webtls does not know it. */
  signatureSchemes: readonly string[];
  /** What the certificates may be signed by, where it says so (RFC 8446 §4.2.3). */
  certificateSignatureSchemes?: readonly string[];
  /** TLS 1.2: ClientCertificateType (RFC 5246 §7.4.4), e.g. `"rsa_sign"` and `"ecdsa_sign"`. */
  keyTypes?: readonly string[];
}

/** An authority as a CertificateRequest names it. */
export interface CertificateAuthority {
  /** DER of its Name: byte for byte the issuer in the certificates that it has issued. */
  der: Uint8Array<ArrayBuffer>;
  /** For people, e.g. `CN=Staff CA`. */
  text: string;
}

/**
 * Chooses an identity once a server has asked for one, and after it has proved who it is. With
 * several, the first that fits the request is used. Undefined declines: the handshake goes on, and
 * the server decides whether it does without. The handshake's time limit includes this.
 *
 * A resumed connection does not ask it again: a session stands for who the client was when that
 * began. Where it has to be asked each time, keep no sessions (`sessions: "disabled"`), or give a new
 * function with each connection.
 */
export type IdentitySelector = (
  request: IdentityRequest,
) => Identities | undefined | Promise<Identities | undefined>;

/** One identity, or several, most wanted first. */
export type Identities = Identity | readonly Identity[];

/**
 * Checks the shape of the option; whether certificates and keys are any good shows when they are
 * read.
 *
 * @throws TlsError `configuration/invalid-option`, which names what is wrong.
 */
export function checkIdentityOption(identity: Identities | IdentitySelector): void {
  if (typeof identity === "function") return;
  for (const one of listOf(identity)) checkIdentity(one);
}

/** @throws TlsError `configuration/invalid-option` for an empty list. */
export function listOf(identities: Identities): readonly Identity[] {
  if (!Array.isArray(identities)) return [identities as Identity];
  if (identities.length === 0) throw invalidOption("identity", "a list with an identity");
  return identities;
}

/** Names of the members of an identity: none is silently ignored. */
const members = [
  "certificates",
  "publicKey",
  "key",
  "signatureSchemes",
  "onlyForItsAuthorities",
] as const;

function checkIdentity(identity: Identity): void {
  if (typeof identity !== "object" || identity === null) {
    throw invalidOption("identity", "an object with certificates and a key, a list, or a function");
  }
  for (const name of Object.keys(identity)) {
    if (!members.some((known) => known === name)) {
      throw invalidOption(`identity.${name}`, `a member of an identity (${members.join(", ")})`);
    }
  }
  if ("certificates" in identity === "publicKey" in identity) {
    throw invalidOption("identity", "certificates or a publicKey, one of the two");
  }
  if ("certificates" in identity) checkCertificates(identity.certificates);
  else checkPublicKey(identity.publicKey);
  checkKey(identity.key);
  const { signatureSchemes: schemes, onlyForItsAuthorities: only } = identity;
  checkNames("identity.signatureSchemes", schemes, signatureSchemeNames);
  if (only !== undefined && typeof only !== "boolean") {
    throw invalidOption("identity.onlyForItsAuthorities", "true or false");
  }
}

function checkCertificates(certificates: CertificateIdentity["certificates"]): void {
  const isPem = typeof certificates === "string";
  const isList = Array.isArray(certificates) && certificates.length > 0;
  if (isPem ? certificates.includes("-----BEGIN ") : isList && certificates.every(areBytes)) return;
  throw invalidOption("identity.certificates", "certificates in PEM, or a list of them in DER");
}

function checkPublicKey(publicKey: RawPublicKeyIdentity["publicKey"]): void {
  const isPem = typeof publicKey === "string";
  if (isPem ? publicKey.includes("-----BEGIN PUBLIC KEY-----") : areBytes(publicKey)) return;
  throw invalidOption("identity.publicKey", 'a SubjectPublicKeyInfo in PEM ("PUBLIC KEY") or DER');
}

function checkKey(key: IdentityOptions["key"]): void {
  const expected = "a private key in PEM, a CryptoKey, or a signer with schemes and a method sign";
  if (typeof key === "string") {
    if (key.includes("-----BEGIN ")) return;
    throw invalidOption("identity.key", expected);
  }
  if (typeof key !== "object" || key === null) throw invalidOption("identity.key", expected);
  if (isCryptoKey(key)) return;
  if (typeof key.sign !== "function" || key.schemes === undefined) {
    throw invalidOption("identity.key", expected);
  }
  checkNames("identity.key.schemes", key.schemes, signatureSchemeNames);
}

/** By its shape: a key may come from another realm, and the global is missing where it is not safe. */
export function isCryptoKey(key: CryptoKey | ExternalSigner): key is CryptoKey {
  return "algorithm" in key && "usages" in key && "type" in key;
}

function areBytes(value: unknown): boolean {
  // A proxy of one looks like a Uint8Array, and has no bytes to show.
  return value instanceof Uint8Array && ArrayBuffer.isView(value);
}
