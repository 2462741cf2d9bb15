/**
 * Trust anchors (RFC 5280 §6.1.1 (d)): whom a path may end at.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { parseCertificate } from "./certificate.ts";
import { parseNameConstraints } from "./constraints.ts";
import { describeName } from "./distinguished-name.ts";
import { type KeyUsage, unknownCritical } from "./extensions.ts";
import { parsePublicKey } from "./public-key.ts";

/** A name and a key that are trusted, with what is known of their limits. */
export interface TrustAnchor {
  /** DER of the Name. */
  readonly subject: Bytes;
  /** DER. */
  readonly subjectPublicKeyInfo: Bytes;
  /** DER of NameConstraints (RFC 5280 §4.2.1.10), which then hold for all below. */
  readonly nameConstraints?: Bytes;
  /** What its key may sign, where the root says so and is known to. */
  readonly keyUsage?: KeyUsage;
  /** Servers' certificates issued after this moment are not trusted any more. */
  readonly distrustAfter?: Date;
}

/**
 * What is trusted in a root's certificate: its name, its key and its name constraints. Neither its
 * validity nor its signature counts, and it may be of version 1: RFC 5280 §6.1.1 (d) takes an
 * anchor as a name and a key, and so does webpki.
 *
 * @throws TlsError `certificate/malformed`, `certificate/weak-key`,
 * `certificate/unsupported-algorithm`, `certificate/unknown-critical-extension`.
 */
export function parseAnchor(der: Bytes): TrustAnchor {
  const root = parseCertificate(der);
  if (root.unknownCritical.length > 0) {
    throw unknownCritical(`The root ${describeName(root.subject)}`, root.unknownCritical);
  }
  const { subject, subjectPublicKeyInfo, nameConstraints, keyUsage } = root;
  // Read here so that a root that can never be used is not taken silently.
  parsePublicKey(subjectPublicKeyInfo);
  if (nameConstraints !== undefined) parseNameConstraints(nameConstraints);
  return {
    subject,
    subjectPublicKeyInfo,
    ...(nameConstraints === undefined ? {} : { nameConstraints }),
    ...(keyUsage === undefined ? {} : { keyUsage }),
  };
}
