/**
 * Whom a caller trusts: trust anchors, and raw public keys.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { loaded } from "../crypto/loaded.ts";
import type { TrustAnchor } from "../x509/anchor.ts";
import { parsePublicKey } from "../x509/public-key.ts";
import { type CertificateSource, checkTrustOptions, type TrustOptions } from "./trust-options.ts";

/** Who is trusted to be, or to vouch for, a server. */
export interface Trust {
  readonly anchors: readonly TrustAnchor[];
  /** Of servers with raw public keys (RFC 7250), each a SubjectPublicKeyInfo in DER. */
  readonly publicKeys: readonly Bytes[];
}

/** Whom those trust who decide by themselves. */
export const nobody: Trust = { anchors: [], publicKeys: [] };

/**
 * Reads the roots and keys; loads the bundled roots where they are wanted. The result is worth
 * keeping, and to be given to many connections as it is: path validation keeps an index with it.
 *
 * @throws TlsError `configuration/invalid-option`; a `certificate/` code for a root or a key that
 * can't be used; `configuration/unsupported-platform` where the bundled roots can't be loaded.
 */
export async function readTrust(trust: TrustOptions): Promise<Trust> {
  checkTrustOptions(trust);
  const { publicKeys = [], roots = publicKeys.length === 0 ? "mozilla" : [] } = trust;
  const sources = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : roots;
  const [only, ...others] = await Promise.all(sources.map(anchorsOf));
  return {
    anchors: others.length === 0 ? (only ?? []) : [only ?? [], ...others].flat(),
    publicKeys: await Promise.all(publicKeys.map(readPublicKey)),
  };
}

async function readPublicKey(source: CertificateSource): Promise<Bytes> {
  const key =
    typeof source === "string" ? (await pem()).publicKeyFromPem(source) : Uint8Array.from(source);
  // Read here so that a key that can never be used is not taken silently.
  parsePublicKey(key);
  return key;
}

async function anchorsOf(source: "mozilla" | CertificateSource): Promise<readonly TrustAnchor[]> {
  if (source === "mozilla") return bundledRoots();
  const { parseAnchor } = await loaded(import("../x509/anchor.ts"));
  const certificates: Bytes[] =
    typeof source === "string"
      ? (await pem()).certificatesFromPem(source)
      : [Uint8Array.from(source)];
  return certificates.map(parseAnchor);
}

// Most pages trust the bundled roots, which are not in PEM.
const pem = () => loaded(import("../x509/pem.ts"));

async function bundledRoots(): Promise<readonly TrustAnchor[]> {
  const { mozillaRoots } = await loaded(import("../roots/index.ts"));
  return mozillaRoots();
}
