/**
 * Certificates whose every byte is the same in every run, and the account of what was signed.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import { latin1 } from "../../../src/x509/der.ts";
import {
  bitString,
  certificateOf,
  commonName,
  generalizedTime,
  integer,
  sequence,
} from "../../der-writer.ts";
import { derOf, type Element, treeOf } from "./der-tree.ts";
import type { Signer } from "./signers.ts";

/** A certificate with who signs it anew when it was changed. */
export interface Link {
  readonly der: Bytes;
  readonly issuer: Signer;
}

/** When the certificates are looked at; they are valid a year before and behind. */
export const now = new Date("2026-01-01T00:00:00Z");

export interface Request {
  readonly issuer: Signer;
  /** DER of the Name. Default: the issuer's, as a common name. */
  readonly issuerName?: Bytes;
  /** DER of the Name. */
  readonly subject: Bytes;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly serial?: readonly number[];
  readonly validity?: Bytes;
  readonly extensions: readonly Bytes[];
}

/** Who signed what, by which a path that was accepted is judged. */
export class Ledger {
  readonly #entries = new Set<string>();
  readonly #before: Ledger | undefined;

  /** @param before what was signed before. */
  constructor(before?: Ledger) {
    this.#before = before;
  }

  note(publicKey: Bytes, signed: Bytes): void {
    this.#entries.add(`${latin1(publicKey)} ${latin1(signed)}`);
  }

  has(publicKey: Bytes, signed: Bytes): boolean {
    const entry = `${latin1(publicKey)} ${latin1(signed)}`;
    return this.#entries.has(entry) || (this.#before?.has(publicKey, signed) ?? false);
  }
}

/** Issues a certificate. */
export function issue(request: Request): Link {
  const { issuer, issuerName, subject, publicKey, serial = [1], extensions } = request;
  const der = certificateOf({
    serial: integer(...serial),
    innerAlgorithm: issuer.algorithm,
    outerAlgorithm: issuer.algorithm,
    issuer: issuerName ?? commonName(issuer.name),
    validity:
      request.validity ??
      sequence(generalizedTime("20250101000000Z"), generalizedTime("20270101000000Z")),
    subject,
    publicKey,
    extensions,
  });
  const tree = treeOf(der);
  sign(tree, issuer);
  return { der: derOf(tree), issuer };
}

/** What is signed of a certificate, a CRL or another SIGNED of X.509, as it stands there. */
export function signedPartOf(der: Bytes): Bytes {
  const [start] = contentOf(der, 0);
  const [, end] = contentOf(der, start);
  return der.slice(start, end);
}

/** Where the content of the element is that begins there. */
function contentOf(der: Bytes, at: number): readonly [start: number, end: number] {
  const [first = 0, high = 0, low = 0] = der.subarray(at + 1);
  if (first < 0x80) return [at + 2, at + 2 + first];
  if (first === 0x81) return [at + 3, at + 3 + high];
  return [at + 4, at + 4 + high * 0x100 + low];
}

/**
 * Signs a tree anew, whatever has become of what is signed.
 *
 * @returns what was signed; undefined where the tree is not one of three elements any more.
 */
export function sign(tree: readonly Element[], signer: Signer): Bytes | undefined {
  const parts = partsOf(tree);
  if (parts === undefined) return undefined;
  const { signed, signature } = parts;
  const written = treeOf(bitString(signer.sign(signed)))[0];
  if (written !== undefined) Object.assign(signature, { length: undefined, ...written });
  return signed;
}

/** The fields of what is signed, to be edited; of a certificate, number 3 is the issuer. */
export function fieldsOf(tree: readonly Element[]): Element[] | undefined {
  const body = Array.isArray(tree[0]?.content) ? tree[0].content[0] : undefined;
  return Array.isArray(body?.content) ? body.content : undefined;
}

function partsOf(tree: readonly Element[]): { signed: Bytes; signature: Element } | undefined {
  const content = tree[0]?.content;
  if (!Array.isArray(content)) return undefined;
  const [body, , signature] = content;
  if (body === undefined || signature === undefined) return undefined;
  return { signed: derOf([body]), signature };
}
