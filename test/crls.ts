/**
 * CRLs made by hand and signed with an authority's key, right or wrong on purpose.
 *
 * @module
 */

import { sign } from "node:crypto";
import type { Bytes } from "../src/crypto/bytes.ts";
import { parseCertificate } from "../src/x509/certificate.ts";
import type { Issued, Keys } from "./authority.ts";
import {
  bitString,
  element,
  extension,
  generalizedTime,
  integer,
  nothing,
  oid,
  sequence,
} from "./der-writer.ts";

/** The pieces of a CRL, each of which can be replaced by something wrong. */
export interface CrlPieces {
  /** Default: 1, version 2. */
  readonly version?: Uint8Array;
  /** The algorithm named within what is signed. Default: the one used. */
  readonly innerAlgorithm?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  /** Default: the authority's name. */
  readonly issuer?: Uint8Array;
  /** Default: an hour ago. */
  readonly thisUpdate?: Date | Uint8Array;
  /** Default: tomorrow. */
  readonly nextUpdate?: Date | Uint8Array;
  /** Certificates that are revoked, or entries. Default: none, and no list. */
  readonly revoked?: readonly (Issued | Uint8Array)[];
  /** Default: a cRLNumber. Empty: none at all. */
  readonly extensions?: readonly Uint8Array[];
  readonly afterExtensions?: Uint8Array;
  readonly after?: Uint8Array;
}

/** Who signs: with a key of P-256, Ed25519 or RSA. */
export interface CrlSigner {
  readonly certificate: Bytes;
  readonly keys: Pick<Keys, "type" | "privateKey">;
}

const hour = 60 * 60 * 1000;

/** A cRLNumber (RFC 5280 §5.2.3). */
export const crlNumber = (number = 1, critical = false): Bytes =>
  extension("2.5.29.20", critical, integer(number));

/** An IssuingDistributionPoint (RFC 5280 §5.2.5) with these members. */
export const issuingDistributionPoint = (...members: readonly Uint8Array[]): Bytes =>
  extension("2.5.29.28", true, sequence(...members));

/** The names of a distribution point: `[0] { fullName [0] { … } }`. */
export const pointNames = (...names: readonly Uint8Array[]): Bytes =>
  element(0xa0, element(0xa0, ...names));

/** A CRL signed with the authority's key. */
export function crlOf(authority: CrlSigner, pieces: CrlPieces = {}): Bytes {
  const { algorithm, hash } = signing(authority);
  const { revoked, extensions = [crlNumber()] } = pieces;
  const none = new Uint8Array();
  const signed = sequence(
    pieces.version ?? integer(1),
    pieces.innerAlgorithm ?? algorithm,
    pieces.issuer ?? parseCertificate(authority.certificate).subject,
    time(pieces.thisUpdate ?? new Date(Date.now() - hour)),
    time(pieces.nextUpdate ?? new Date(Date.now() + 24 * hour)),
    revoked === undefined ? none : sequence(...revoked.map(entry)),
    extensions.length === 0 ? none : element(0xa0, sequence(...extensions)),
    pieces.afterExtensions ?? none,
  );
  const signature = sign(hash, signed, authority.keys.privateKey);
  return sequence(
    signed,
    pieces.outerAlgorithm ?? algorithm,
    bitString(signature),
    pieces.after ?? none,
  );
}

/** A CRL in PEM (RFC 7468 §7). */
export function crlPem(crl: Bytes): string {
  const lines = Buffer.from(crl).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN X509 CRL-----\n${lines}\n-----END X509 CRL-----\n`;
}

/** An entry of `revokedCertificates`. @param serialNumber content of the INTEGER. */
export function revokedEntry(
  serialNumber: Uint8Array,
  date: Date = new Date(Date.now() - hour),
  ...extensions: readonly Uint8Array[]
): Bytes {
  const list = extensions.length === 0 ? [] : [sequence(...extensions)];
  return sequence(element(0x02, serialNumber), time(date), ...list);
}

/** A reasonCode (RFC 5280 §5.3.1). */
export const reasonCode = (reason: number): Bytes =>
  extension("2.5.29.21", false, element(0x0a, Uint8Array.of(reason)));

function entry(revoked: Issued | Uint8Array): Uint8Array {
  if (revoked instanceof Uint8Array) return revoked;
  return revokedEntry(parseCertificate(revoked.certificate).serialNumber);
}

function time(value: Date | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return generalizedTime(`${value.toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`);
}

function signing({ keys: { type } }: CrlSigner): { algorithm: Bytes; hash: string | null } {
  switch (type) {
    case "ecdsa-p256":
      return { algorithm: sequence(oid("1.2.840.10045.4.3.2")), hash: "sha256" };
    case "ed25519":
      return { algorithm: sequence(oid("1.3.101.112")), hash: null };
    default:
      return { algorithm: sequence(oid("1.2.840.113549.1.1.11"), nothing()), hash: "sha256" };
  }
}
