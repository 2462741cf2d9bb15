/**
 * Certification paths of servers (RFC 5280 §6, RFC 9525).
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { PublicKey } from "../crypto/provider.ts";
import type { TrustAnchor } from "./anchor.ts";
import type { Certificate } from "./certificate.ts";
import { matchesServerName, type ServerName, wrongName } from "./names.ts";
import { checkIsNoAuthority, checkLeaf, serverAuth } from "./path-checks.ts";
import { findPath, type SearchOptions } from "./path-search.ts";
import { parsePublicKey } from "./public-key.ts";

export {
  type CandidatePath,
  issuerOf,
  type PathCondition,
  type PathEffort,
} from "./candidate-path.ts";
export { pathLimits, signatureCost } from "./path-budget.ts";

declare const verified: unique symbol;

/** A path that has been verified. Only {@link verifyPath} makes one. */
export interface VerifiedPath {
  readonly [verified]: true;
  readonly leaf: Certificate;
  /** The leaf's key, for the signature in the handshake. */
  readonly publicKey: PublicKey;
  /** Leaf first, up to the certificate that the anchor has issued; each in DER. */
  readonly certificates: readonly Bytes[];
  readonly anchor: TrustAnchor;
}

/** What {@link verifyPath} is given. */
export interface PathOptions extends SearchOptions {
  readonly serverName: ServerName;
}

/**
 * Finds a path from the server's certificate to an anchor and verifies all of it: signatures,
 * validity, constraints, purposes, and that the certificate is for this server.
 *
 * @throws TlsError of the area `certificate`: where several paths fail, the failure that tells most.
 * It carries the chain presented, and the paths that were tried.
 */
export async function verifyPath(options: PathOptions): Promise<VerifiedPath> {
  const { certificates, anchor } = await findPath(options, {
    purpose: serverAuth,
    checkFirst: checkLeaf,
    checkLast(leaf) {
      checkIsNoAuthority(leaf);
      const names = leaf.subjectAltName ?? [];
      if (!matchesServerName(names, options.serverName)) throw wrongName(names, options.serverName);
    },
  });
  const [leaf] = certificates;
  const result: Omit<VerifiedPath, typeof verified> = {
    leaf,
    publicKey: parsePublicKey(leaf.subjectPublicKeyInfo),
    certificates: certificates.map(({ der }) => der),
    anchor,
  };
  return result as VerifiedPath;
}
