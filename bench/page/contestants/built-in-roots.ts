/**
 * Roots that are built into a WebAssembly module, for libraries which can't be given any: one of
 * them is overwritten with the root of the test, in memory. What these libraries do with roots stays
 * as it is, the work for all of the others included.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import { parseAnchor } from "../../../src/x509/anchor.ts";
import { certificatesFromPem } from "../../../src/x509/pem.ts";

/** Where whole certificates are built in: puts the root's in the place of the longest. */
export function replaceCertificate(wasm: Bytes, root: string): void {
  const certificate = certificateOf(root);
  const [longest] = certificatesIn(wasm).sort((a, b) => b.length - a.length);
  if (longest === undefined || longest.length < certificate.length) {
    throw new Error("There is no certificate in the module that could be replaced.");
  }
  longest.fill(0).set(certificate);
}

/**
 * Where names and keys are built in, one after the other: puts the root's in the place of another's.
 *
 * @param name the end of the other's subject.
 */
export function replaceAnchor(wasm: Bytes, name: string, root: string): void {
  const { subject, subjectPublicKeyInfo: key } = parseAnchor(certificateOf(root));
  const at = indexOf(wasm, new TextEncoder().encode(name)) + name.length;
  if (at < name.length) throw new Error(`The module does not hold the root "${name}".`);
  const content = key.subarray(headerLength(key));
  const algorithm = content.subarray(0, content.indexOf(0x03));
  if (!algorithm.every((byte, index) => wasm[at + index] === byte)) {
    throw new Error(`The root "${name}" has a key of another type.`);
  }
  const names = subject.subarray(headerLength(subject));
  wasm.set(names, at - names.length);
  wasm.set(content, at);
}

function certificateOf(pem: string): Bytes {
  const [certificate] = certificatesFromPem(pem);
  if (certificate === undefined) throw new Error("There is no certificate in the root's PEM.");
  return certificate;
}

/** What looks like one: sequences with two bytes of length, then the version 3 (RFC 5280 §4.1). */
function certificatesIn(wasm: Bytes): Bytes[] {
  const found: Bytes[] = [];
  for (let at = wasm.indexOf(0x30); at >= 0; at = wasm.indexOf(0x30, at + 1)) {
    const [, form, high = 0, low = 0, ...rest] = wasm.subarray(at, at + 13);
    const isSequence = form === 0x82 && rest[0] === 0x30 && rest[1] === 0x82;
    const version = [0xa0, 0x03, 0x02, 0x01, 0x02];
    if (!isSequence || !version.every((byte, index) => rest[4 + index] === byte)) continue;
    found.push(wasm.subarray(at, at + 4 + high * 256 + low));
  }
  return found;
}

function headerLength(der: Bytes): number {
  const [, length = 0] = der;
  return length < 0x80 ? 2 : 2 + (length & 0x7f);
}

function indexOf(bytes: Bytes, wanted: Uint8Array): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
