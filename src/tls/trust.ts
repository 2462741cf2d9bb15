/**
 * Whom a caller trusts, as it is read.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { loaded } from "../loaded.ts";
import type { TrustAnchor } from "../x509/anchor.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Transparency } from "./ct-logs.ts";
import type { Revocation } from "./given-revocation.ts";
import type { TrustOptions } from "./trust-options.ts";

/** Who is trusted to be, or to vouch for, a server. */
export interface Trust {
  readonly anchors: readonly TrustAnchor[];
  /** Of which a path to an anchor has to have one, as they are written; none for any path. */
  readonly pins: readonly string[];
  /** Of servers, in DER. */
  readonly exactCertificates: readonly Bytes[];
  /** Of servers with raw public keys (RFC 7250), each a SubjectPublicKeyInfo in DER. */
  readonly publicKeys: readonly Bytes[];
  /** That a path may go through, without their being presented. */
  readonly intermediates: readonly Certificate[];
  /** What has to show that certificates are not revoked, where something has to. */
  readonly revocation?: Revocation;
  /** What has to show that a certificate was made public (RFC 6962), where something has to. */
  readonly transparency?: Transparency;
}

/** Whom those trust who decide by themselves. */
export const nobody: Trust = {
  anchors: [],
  pins: [],
  exactCertificates: [],
  publicKeys: [],
  intermediates: [],
};

/**
 * Reads whom to trust; loads the bundled roots where they are wanted. The result is worth keeping,
 * and to be given to many connections as it is: path validation keeps indexes with it.
 *
 * @param options may come from JavaScript.
 * @throws TlsError `configuration/invalid-option`; a `certificate/` code for a certificate or a key
 * that can't be used, or where none of the roots given can; `configuration/unsupported-platform` where
 * the bundled roots can't be loaded.
 */
export async function readTrust(options: TrustOptions): Promise<Trust> {
  // Most pages trust the bundle alone, and need not load what reads anything else.
  if (Object.keys(options).length === 0) return { ...nobody, anchors: await bundledRoots() };
  const { readGivenTrust } = await loaded(import("./given-trust.ts"));
  return readGivenTrust(options, bundledRoots);
}

async function bundledRoots(): Promise<readonly TrustAnchor[]> {
  const { mozillaRoots } = await loaded(import("../roots/index.ts"));
  return mozillaRoots();
}
