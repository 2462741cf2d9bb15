/**
 * The client's credentials, as identities and external PSKs, and which of them was used.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ExternalSigner, Identity, TlsOptions } from "../../../src/stream/duplex.ts";
import type { ConnectionFlags, Credential } from "./flags.ts";
import { signatureSchemesOf } from "./registry.ts";

type SignatureScheme = ExternalSigner["schemes"][number];
type ExternalPsk = NonNullable<TlsOptions["psk"]>[number];

/** What the flags give the client to show. */
export class Credentials {
  readonly identities: readonly Identity[];
  readonly psks: readonly ExternalPsk[];
  /** The same function each time: sessions are kept apart by who chooses. */
  readonly choose = () => this.identities;
  /** The number of the credential that has signed. */
  signed: number | undefined;

  constructor(flags: ConnectionFlags) {
    const numbered = [...flags.credentials.entries(), [-1, flags.defaultCredential] as const];
    const isWatched = flags.has("expect-selected-credential");
    const identities: Identity[] = [];
    for (const [number, credential] of numbered) {
      if (credential.kind === "psk" || !credential.has("key-file")) continue;
      identities.push(this.#identity(credential, isWatched ? number : undefined));
    }
    this.identities = identities;
    this.psks = flags.credentials.filter(({ kind }) => kind === "psk").map(externalPsk);
  }

  /** @param watched its number, where it matters which one signs: then the key is outside. */
  #identity(credential: Credential, watched: number | undefined): Identity {
    const pem = readFileSync(credential.text("key-file") ?? "", "utf8");
    const key = watched === undefined ? pem : this.#watchedKey(pem, watched);
    const schemes = signatureSchemesOf(credential.numbers("signing-prefs") ?? []);
    const options = {
      ...(schemes.length === 0 ? {} : { signatureSchemes: schemes }),
      ...(credential.has("must-match-issuer") ? { onlyForItsAuthorities: true } : {}),
    };
    if (credential.kind === "rpk") {
      const publicKey = createPublicKey(pem).export({ format: "der", type: "spki" });
      return { publicKey: new Uint8Array(publicKey), key, ...options };
    }
    const certificates = readFileSync(credential.text("cert-file") ?? "", "utf8");
    return { certificates, key, ...options };
  }

  #watchedKey(pem: string, number: number): ExternalSigner {
    const key = createPrivateKey(pem);
    return {
      schemes: schemesOf(key),
      sign: (scheme, content) => {
        this.signed = number;
        return new Uint8Array(signWith(key, scheme, content));
      },
    };
  }
}

/** By OpenSSL's names of their curves. */
const ecdsaSchemes: ReadonlyMap<string, SignatureScheme> = new Map([
  ["prime256v1", "ecdsa_secp256r1_sha256"],
  ["secp384r1", "ecdsa_secp384r1_sha384"],
  ["secp521r1", "ecdsa_secp521r1_sha512"],
]);

function schemesOf(key: KeyObject): SignatureScheme[] {
  if (key.asymmetricKeyType === "ed25519") return ["ed25519"];
  if (key.asymmetricKeyType === "ec") {
    const own = ecdsaSchemes.get(key.asymmetricKeyDetails?.namedCurve ?? "");
    // TLS 1.2 allows the hashes of other curves too (RFC 8422 §5.1.3); webtls knows the version.
    return [
      ...(own === undefined ? [] : [own]),
      ...[...ecdsaSchemes.values()].filter((scheme) => scheme !== own),
    ];
  }
  const hashes = ["sha256", "sha384", "sha512"] as const;
  return hashes.flatMap((hash) => [`rsa_pss_rsae_${hash}`, `rsa_pkcs1_${hash}`] as const);
}

function signWith(key: KeyObject, scheme: SignatureScheme, content: Uint8Array): Buffer {
  if (scheme === "ed25519") return sign(undefined, content, key);
  const hash = scheme.slice(scheme.lastIndexOf("_") + 1);
  if (!scheme.startsWith("rsa_pss_")) return sign(hash, content, key);
  // RSA_PKCS1_PSS_PADDING, with a salt as long as the hash.
  return sign(hash, content, { key, padding: 6, saltLength: -1 });
}

function externalPsk(credential: Credential): ExternalPsk {
  const identity = credential.bytes("psk-importer-identity") ?? new Uint8Array();
  const key = credential.bytes("psk-importer-key") ?? new Uint8Array();
  const context = credential.bytes("psk-importer-context");
  return {
    identity,
    key,
    hash: credential.has("psk-importer-sha384") ? "SHA-384" : "SHA-256",
    importer: context === undefined ? {} : { context },
  };
}
