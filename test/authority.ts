/**
 * A certificate authority for tests: roots, intermediates and leaves of every key type, made on the
 * spot with `@peculiar/x509`, so that no certificate in the tests ever expires.
 *
 * @module
 */

import "reflect-metadata";
import { generateKeyPair, type KeyObject, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";
import type { Bytes } from "../src/crypto/bytes.ts";

x509.cryptoProvider.set(webcrypto as Crypto);

/** Keys a certificate can be issued for. Those of type `rsa-pss` can't sign certificates here. */
export type KeyType =
  | "ecdsa-p256"
  | "ecdsa-p384"
  | "ecdsa-p521"
  | "ed25519"
  | "rsa-1024"
  | "rsa-2048"
  | "rsa-3072"
  | "rsa-4096"
  | "rsa-pss-2048";

/** A key pair, as {@link generateKeys} makes it. */
export interface Keys {
  readonly type: KeyType;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A certificate with its private key. */
export interface Issued {
  /** DER. */
  readonly certificate: Bytes;
  readonly pem: string;
  /** PKCS#8 in PEM. */
  readonly privateKey: string;
  /** The certificate and the intermediates above it, in PEM, without the root. */
  readonly chainPem: string;
  /** The same in DER: what a server presents. */
  readonly chain: readonly Bytes[];
  readonly keys: Keys;
}

/** A certificate that can issue others. */
export interface Authority extends Issued {
  readonly commonName: string;
  issue(options: LeafOptions): Promise<Issued>;
  intermediate(options?: AuthorityOptions): Promise<Authority>;
}

/** An extension as it stands in a certificate. */
export interface RawExtension {
  readonly oid: string;
  readonly critical?: boolean;
  /** DER. */
  readonly value: Uint8Array;
}

/** What leaves and authorities have in common. */
export interface CertificateOptions {
  /** Default: `"ecdsa-p256"`. */
  readonly keyType?: KeyType;
  /** An existing key pair, instead of a new one of `keyType`. */
  readonly keys?: Keys;
  /** Hexadecimal. Default: a random one. */
  readonly serialNumber?: string;
  /** Default: a day ago; 2020 for roots. */
  readonly notBefore?: Date;
  /** Default: 30 days ahead; a year for authorities. */
  readonly notAfter?: Date;
  /** Default: the first name of a leaf, `"webtls test root"` or `"webtls test intermediate"`. */
  readonly commonName?: string;
  /** Default: `digitalSignature` for leaves, `keyCertSign` and `cRLSign` for authorities. */
  readonly keyUsage?: readonly KeyUsage[] | "none";
  /** OIDs. Default: `serverAuth` for leaves, none for authorities. */
  readonly extendedKeyUsage?: readonly string[] | "none";
  /** Added to those above; one with the OID of a default extension takes its place. */
  readonly extraExtensions?: readonly RawExtension[];
  /** How the issuer signs. Default: what suits its key, PKCS#1 v1.5 for RSA. */
  readonly signature?: { readonly pss?: boolean; readonly hash?: string };
}

/** A server's certificate. */
export interface LeafOptions extends CertificateOptions {
  /** DNS names and IP literals, as subject alternative names. None: no such extension. */
  readonly names: readonly string[];
}

/** An authority's certificate. */
export interface AuthorityOptions extends CertificateOptions {
  /** Default: true. */
  readonly ca?: boolean;
  /** Default: none. */
  readonly pathLength?: number;
}

export type KeyUsage = keyof typeof x509.KeyUsageFlags;

/** Object identifiers of purposes (RFC 5280 §4.2.1.12). */
export const purposes = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  any: "2.5.29.37.0",
} as const;

const day = 24 * 60 * 60 * 1000;

/** A root: a self-signed authority. */
export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const commonName = options.commonName ?? "webtls test root";
  const keys = options.keys ?? (await generateKeys(options.keyType));
  const issued = await issueFrom({ commonName, keys }, [], keys, {
    // Tests look at other days than today, and mean what the root has issued.
    notBefore: new Date("2020-01-01T00:00:00Z"),
    ...options,
    commonName,
    extensions: authorityExtensions(options),
    days: 365,
  });
  // A root is not presented: what it issues has no certificates above it.
  return authority(issued, commonName, []);
}

/** A server's certificate that it issued to itself. */
export async function selfSigned(options: LeafOptions): Promise<Issued> {
  const keys = options.keys ?? (await generateKeys(options.keyType));
  const commonName = options.commonName ?? options.names[0] ?? "";
  return issueFrom({ commonName, keys }, [], keys, {
    ...options,
    commonName,
    extensions: leafExtensions(options),
    days: 30,
  });
}

/** A fresh key pair. */
export async function generateKeys(type: KeyType = "ecdsa-p256"): Promise<Keys> {
  const generate = promisify(generateKeyPair);
  switch (type) {
    case "ecdsa-p256":
      return { type, ...(await generate("ec", { namedCurve: "P-256" })) };
    case "ecdsa-p384":
      return { type, ...(await generate("ec", { namedCurve: "P-384" })) };
    case "ecdsa-p521":
      return { type, ...(await generate("ec", { namedCurve: "P-521" })) };
    case "ed25519":
      return { type, ...(await generate("ed25519", {})) };
    case "rsa-pss-2048":
      return { type, ...(await generate("rsa-pss", { modulusLength: 2048 })) };
    default:
      return { type, ...(await generate("rsa", { modulusLength: Number(type.slice(4)) })) };
  }
}

/** Who issues: the name and the key that a certificate is signed with. */
interface Issuer {
  readonly commonName: string;
  readonly keys: Keys;
}

function authority(issued: Issued, commonName: string, above: readonly Bytes[]): Authority {
  const issuer: Issuer = { commonName, keys: issued.keys };
  return {
    ...issued,
    commonName,
    async issue(options) {
      return issueFrom(issuer, above, options.keys ?? (await generateKeys(options.keyType)), {
        ...options,
        commonName: options.commonName ?? options.names[0] ?? "",
        extensions: leafExtensions(options),
        days: 30,
      });
    },
    async intermediate(options = {}) {
      const name = options.commonName ?? "webtls test intermediate";
      const keys = options.keys ?? (await generateKeys(options.keyType));
      const child = await issueFrom(issuer, above, keys, {
        ...options,
        commonName: name,
        extensions: authorityExtensions(options),
        days: 365,
      });
      return authority(child, name, child.chain);
    },
  };
}

interface Request extends CertificateOptions {
  readonly commonName: string;
  readonly extensions: readonly x509.Extension[];
  readonly days: number;
}

async function issueFrom(
  issuer: Issuer,
  above: readonly Bytes[],
  keys: Keys,
  request: Request,
): Promise<Issued> {
  const publicKey = new x509.PublicKey(keys.publicKey.export({ type: "spki", format: "der" }));
  const issuerKey = new x509.PublicKey(
    issuer.keys.publicKey.export({ type: "spki", format: "der" }),
  );
  const extra = (request.extraExtensions ?? []).map(
    ({ oid, critical = false, value }) => new x509.Extension(oid, critical, value.slice()),
  );
  const defaults = [
    ...request.extensions,
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
  ].filter((extension) => !extra.some((other) => other.type === extension.type));
  const { algorithm, signingKey } = await signer(issuer.keys, request.signature ?? {});
  const certificate = await x509.X509CertificateGenerator.create({
    ...(request.serialNumber === undefined ? {} : { serialNumber: request.serialNumber }),
    issuer: distinguishedName(issuer.commonName),
    subject: distinguishedName(request.commonName),
    notBefore: request.notBefore ?? new Date(Date.now() - day),
    notAfter: request.notAfter ?? new Date(Date.now() + request.days * day),
    publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [...defaults, ...extra],
  });
  const der = new Uint8Array(certificate.rawData);
  const chain = [der, ...above];
  return {
    certificate: der,
    pem: toPem(der),
    privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    chainPem: chain.map(toPem).join(""),
    chain,
    keys,
  };
}

/** A certificate in PEM (RFC 7468 §5), with a newline at its end. */
function toPem(certificate: Bytes): string {
  return `${x509.PemConverter.encode(certificate, x509.PemConverter.CertificateTag)}\n`;
}

function distinguishedName(commonName: string): x509.JsonName {
  return commonName === "" ? [] : [{ CN: [commonName] }];
}

const ecdsa = {
  "ecdsa-p256": { namedCurve: "P-256", hash: "SHA-256" },
  "ecdsa-p384": { namedCurve: "P-384", hash: "SHA-384" },
  "ecdsa-p521": { namedCurve: "P-521", hash: "SHA-512" },
} as const;

async function signer(keys: Keys, { pss = false, hash }: { pss?: boolean; hash?: string }) {
  const importKey = (algorithm: Algorithm) =>
    crypto.subtle.importKey(
      "pkcs8",
      keys.privateKey.export({ type: "pkcs8", format: "der" }),
      algorithm,
      false,
      ["sign"],
    );
  switch (keys.type) {
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521": {
      const { namedCurve, hash: usual } = ecdsa[keys.type];
      const algorithm = { name: "ECDSA", namedCurve, hash: hash ?? usual };
      return { algorithm, signingKey: await importKey(algorithm) };
    }
    case "ed25519": {
      const algorithm = { name: "Ed25519" };
      return { algorithm, signingKey: await importKey(algorithm) };
    }
    case "rsa-pss-2048":
      throw new Error("keys of type rsa-pss can't sign certificates here");
    default: {
      const saltLength = { "SHA-1": 20, "SHA-384": 48, "SHA-512": 64 }[hash ?? ""] ?? 32;
      const algorithm = pss
        ? { name: "RSA-PSS", hash: hash ?? "SHA-256", saltLength }
        : { name: "RSASSA-PKCS1-v1_5", hash: hash ?? "SHA-256" };
      return { algorithm, signingKey: await importKey(algorithm) };
    }
  }
}

function leafExtensions(options: LeafOptions): x509.Extension[] {
  const names = options.names.map(
    (name): x509.JsonGeneralName =>
      isIP(name) === 0 ? { type: "dns", value: name } : { type: "ip", value: name },
  );
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...usages(options.keyUsage ?? ["digitalSignature"]),
    ...extendedUsages(options.extendedKeyUsage ?? [purposes.serverAuth]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}

function authorityExtensions(options: AuthorityOptions): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(options.ca ?? true, options.pathLength, true),
    ...usages(options.keyUsage ?? ["keyCertSign", "cRLSign"]),
    ...extendedUsages(options.extendedKeyUsage ?? "none"),
  ];
}

function usages(names: readonly KeyUsage[] | "none"): x509.Extension[] {
  if (names === "none") return [];
  const flags = names.reduce((sum, name) => sum | x509.KeyUsageFlags[name], 0);
  return [new x509.KeyUsagesExtension(flags, true)];
}

function extendedUsages(oids: readonly string[] | "none"): x509.Extension[] {
  return oids === "none" ? [] : [new x509.ExtendedKeyUsageExtension([...oids])];
}
