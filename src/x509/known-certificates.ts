/**
 * Certificates that were met before, and whose signatures on them were found good: servers show the
 * same ones again and again. Nothing of it is secret, and whether a certificate is trusted, valid or
 * revoked is asked anew each time.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { latin1 } from "./der.ts";

/** Bounds of what is kept: so many, none of them longer than this, in bytes. The oldest go first. */
export const knownLimits = { certificates: 64, length: 4096 } as const;

const known = new Map<string, Certificate>();

/**
 * Reads a certificate, or recalls it. It is not to be changed, nor to be handed out as it is.
 *
 * @throws TlsError as {@link parseCertificate} does.
 */
export function readCertificate(der: Bytes): Certificate {
  if (der.length > knownLimits.length) return parseCertificate(der);
  const key = latin1(der);
  // A copy: others may hold the bytes too, and change them.
  const certificate = known.get(key) ?? parseCertificate(der.slice());
  known.delete(key);
  known.set(key, certificate);
  for (const oldest of known.keys()) {
    if (known.size > knownLimits.certificates) known.delete(oldest);
    else break;
  }
  return certificate;
}

const signers = new WeakMap<CryptoProvider, WeakMap<Certificate, WeakSet<Bytes>>>();

/**
 * The keys by which the very certificate was found to be signed, by this provider: to be asked for the
 * same array, and to be added to when a signature was good.
 */
export function knownSigners(crypto: CryptoProvider, child: Certificate): WeakSet<Bytes> {
  const children = signers.get(crypto) ?? new WeakMap<Certificate, WeakSet<Bytes>>();
  signers.set(crypto, children);
  const keys = children.get(child) ?? new WeakSet<Bytes>();
  children.set(child, keys);
  return keys;
}
