/**
 * Trust anchors (RFC 5280 §6.1.1 (d)): whom a path may end at.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { parseNameConstraints } from "./constraints/parse.ts";
import { describeName } from "./describe-name.ts";
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
  /** Its certificate, where the caller gave one: what that says of its limits holds, too. */
  readonly root?: Certificate;
  /** Servers' certificates issued after this moment are not trusted any more. */
  readonly distrustAfter?: Date;
}

/**
 * The roots of a caller. One that can't be read, or could never be used, is no reason to refuse the
 * others, as they often come in bundles: no path ends at it then.
 *
 * @throws TlsError as {@link parseAnchor} does for the first, where none could ever be used.
 */
export function parseAnchors(certificates: readonly Bytes[]): TrustAnchor[] {
  const anchors: TrustAnchor[] = [];
  const failures: TlsError[] = [];
  for (const der of certificates) {
    try {
      const root = parseCertificate(der);
      // It is taken even if it can't be used: a path that wants to end at it says why.
      anchors.push(anchorFrom(root));
      checkIsUsable(root);
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === certificates.length) {
    throw new TlsError(
      first.code,
      `None of the roots that were given can be used. The first of them: ${first.message}`,
      { cause: first.cause },
    );
  }
  return anchors;
}

/**
 * A root's certificate as an anchor: its name and its key are trusted, within what it says of its
 * limits. Whether it is valid now is asked when a path ends at it; its signature says nothing.
 *
 * @throws TlsError `certificate/malformed`, `certificate/weak-key`,
 * `certificate/unsupported-algorithm`, `certificate/unknown-critical-extension`.
 */
export function parseAnchor(der: Bytes): TrustAnchor {
  const root = parseCertificate(der);
  checkIsUsable(root);
  return anchorFrom(root);
}

function anchorFrom(root: Certificate): TrustAnchor {
  const { subject, subjectPublicKeyInfo, nameConstraints, keyUsage } = root;
  return {
    subject,
    subjectPublicKeyInfo,
    ...(nameConstraints === undefined ? {} : { nameConstraints }),
    ...(keyUsage === undefined ? {} : { keyUsage }),
    root,
  };
}

/** Checks what shows at once, so that roots that can never be used are not taken silently. */
function checkIsUsable({ subject, unknownCritical: oids, ...root }: Certificate): void {
  if (oids.length > 0) throw unknownCritical(`The root ${describeName(subject)}`, oids);
  parsePublicKey(root.subjectPublicKeyInfo);
  if (root.nameConstraints !== undefined) parseNameConstraints(root.nameConstraints);
}
