/**
 * What is asked of each certificate of a path by itself (RFC 5280 §6.1.3 and §6.1.4).
 *
 * @module
 */

import { TlsError } from "../errors.ts";
import type { Certificate } from "./certificate.ts";
import { describeName } from "./distinguished-name.ts";
import { unknownCritical } from "./extensions.ts";
import { checkMaySign } from "./may-sign.ts";
import { isSameName } from "./subject-index.ts";

/** id-kp-serverAuth (RFC 5280 §4.2.1.12). */
const serverAuth = "1.3.6.1.5.5.7.3.1";

/**
 * Checks the server's own certificate, but for its names and whether it is an authority's.
 *
 * @throws TlsError
 */
export function checkLeaf(leaf: Certificate, now: Date): void {
  const who = "The server's certificate";
  checkAny(leaf, who, now);
  if (leaf.nameConstraints !== undefined) {
    throw new TlsError(
      "certificate/name-constraint",
      `${who} holds name constraints, which only an authority's may (RFC 5280 §4.2.1.10). The ` +
        "server needs another certificate.",
    );
  }
  checkMaySign(leaf);
}

/**
 * An authority's certificate is not taken for a server's, as in webpki: whoever holds its key could
 * issue for any other name. Said last of all, since most such certificates are self-signed ones,
 * and that is then the thing to say.
 *
 * @throws TlsError `certificate/wrong-purpose`.
 */
export function checkIsNoAuthority(leaf: Certificate): void {
  if (!leaf.basicConstraints?.ca) return;
  throw new TlsError(
    "certificate/wrong-purpose",
    "The server presents the certificate of an authority (basicConstraints says CA) as its own. " +
      "It needs one of its own, issued by that authority.",
  );
}

/**
 * Checks a certificate that issued another one of the path.
 *
 * @throws TlsError
 */
export function checkAuthority(authority: Certificate, now: Date): void {
  const who = `The intermediate certificate ${describeName(authority.subject)}`;
  checkAny(authority, who, now);
  if (!authority.basicConstraints?.ca) {
    throw new TlsError(
      "certificate/not-a-ca",
      `${who} is not an authority's (basicConstraints lacks CA), so what it issued can't be ` +
        "trusted. The server needs a certificate from another issuer.",
    );
  }
  if (authority.keyUsage !== undefined && !authority.keyUsage.keyCertSign) {
    throw new TlsError(
      "certificate/wrong-key-usage",
      `${who} does not allow its key to sign certificates (key usage lacks keyCertSign). The ` +
        "server needs a certificate from another issuer.",
    );
  }
}

/**
 * Checks that an authority may have so many others below it (RFC 5280 §4.2.1.9).
 *
 * @param path what is below, leaf first.
 * @throws TlsError `certificate/path-too-long`.
 */
export async function checkPathLength(
  authority: Certificate,
  [, ...intermediates]: readonly Certificate[],
): Promise<void> {
  const { pathLength } = authority.basicConstraints ?? {};
  if (pathLength === undefined || intermediates.length <= pathLength) return;
  let below = 0;
  for (const intermediate of intermediates) if (!(await isSelfIssued(intermediate))) below += 1;
  if (below <= pathLength) return;
  throw new TlsError(
    "certificate/path-too-long",
    `The intermediate certificate ${describeName(authority.subject)} allows ${pathLength} ` +
      `intermediates below it, but there are ${below}. The server needs a certificate from ` +
      "another issuer.",
  );
}

/** RFC 5280 §3.2: the issuer is the subject too. */
export function isSelfIssued({ issuer, subject }: Certificate): Promise<boolean> {
  return isSameName(issuer, subject);
}

/** What is asked of servers and authorities alike. */
function checkAny(certificate: Certificate, who: string, now: Date): void {
  if (certificate.version !== 3) {
    throw new TlsError(
      "certificate/malformed",
      `${who} is of X.509 version ${certificate.version}: expected version 3, the only one that ` +
        "says what a certificate is for. It has to be issued anew.",
    );
  }
  checkValidity(certificate, who, now);
  if (certificate.unknownCritical.length > 0) {
    throw unknownCritical(who, certificate.unknownCritical);
  }
  // RFC 5280 §4.2.1.12, and as all browsers do for authorities too. anyExtendedKeyUsage does not
  // count, as in webpki: it does not say that the issuer has looked at a server.
  const purposes = certificate.extendedKeyUsage;
  if (purposes !== undefined && !purposes.includes(serverAuth)) {
    throw new TlsError(
      "certificate/wrong-purpose",
      `${who} is not for TLS servers (extended key usage lacks serverAuth). The server needs one ` +
        "that is.",
    );
  }
}

/** RFC 5280 §4.1.2.5: both ends belong to it. Certificates count whole seconds. */
function checkValidity({ notBefore, notAfter }: Certificate, who: string, now: Date): void {
  const second = Math.floor(now.getTime() / 1000) * 1000;
  const clock = now.toISOString();
  if (second < notBefore.getTime()) {
    throw new TlsError(
      "certificate/not-yet-valid",
      `${who} is valid from ${notBefore.toISOString()} on, but the clock says ${clock}. Most ` +
        "often this device's clock is slow: set it right, or wait.",
    );
  }
  if (second > notAfter.getTime()) {
    throw new TlsError(
      "certificate/expired",
      `${who} expired at ${notAfter.toISOString()}; the clock says ${clock}. It has to be ` +
        "renewed, unless this device's clock is fast.",
    );
  }
}
