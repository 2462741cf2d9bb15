/**
 * What is asked of each certificate of a path by itself (RFC 5280 §6.1.3 and §6.1.4).
 *
 * @module
 */

import { type Sentence, TlsError } from "../errors.ts";
import type { TrustAnchor } from "./anchor.ts";
import type { Certificate } from "./certificate.ts";
import { describeName } from "./describe-name.ts";
import { unknownCritical } from "./extensions.ts";
import { checkMaySign } from "./may-sign.ts";
import { parsePublicKey } from "./public-key.ts";
import { isSameName } from "./subject-index.ts";

/** id-kp-serverAuth (RFC 5280 §4.2.1.12). */
export const serverAuth = "1.3.6.1.5.5.7.3.1";

/** DER of a Name without attributes. */
const emptyNameLength = 2;

/**
 * How an error speaks of a certificate. It is put into words only where there is an error: the first
 * time, that would take longer than all else of a path's verification.
 */
type Description = (certificate: Certificate) => Sentence;

function theServers(): Sentence {
  return "The server's certificate";
}

function anyEnd({ subject }: Certificate): Sentence {
  return `The certificate ${describeName(subject)}`;
}

function intermediate({ subject }: Certificate): Sentence {
  return `The intermediate certificate ${describeName(subject)}`;
}

function theRoot({ subject }: Certificate): Sentence {
  return `The root ${describeName(subject)}`;
}

/**
 * Checks the server's own certificate, but for its names and whether it is an authority's.
 *
 * @throws TlsError
 */
export function checkLeaf(leaf: Certificate, now: Date): void {
  checkAny(leaf, theServers, now, serverAuth);
  if (leaf.nameConstraints !== undefined) {
    throw new TlsError(
      "certificate/name-constraint",
      "The server's certificate holds name constraints, which only an authority's may (RFC 5280 " +
        "§4.2.1.10). The server needs another certificate.",
    );
  }
  checkMaySign(leaf);
  // RFC 5280 §4.2.1.3: such a key is an authority's, and then basicConstraints says so.
  if (leaf.keyUsage?.keyCertSign && !leaf.basicConstraints?.ca) {
    throw new TlsError(
      "certificate/wrong-key-usage",
      "The server's certificate says that its key signs certificates (key usage keyCertSign), but " +
        "not that it is an authority's (basicConstraints lacks CA). The server needs one without " +
        "that usage.",
    );
  }
  // RFC 5280 §4.2.1.6: whom it is for stands there alone.
  if (leaf.subject.length <= emptyNameLength && leaf.isSubjectAltNameCritical === false) {
    throw new TlsError(
      "certificate/malformed",
      "The server's certificate has an empty subject, so its alternative names have to be " +
        "critical, but are not. It has to be issued anew.",
    );
  }
}

/**
 * Checks a certificate at the end of a path, whosever it is.
 *
 * @throws TlsError
 */
export function checkEnd(end: Certificate, now: Date, purpose?: string): void {
  checkAny(end, anyEnd, now, purpose);
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
      "It needs one of its own, issued by that authority; or name exactly this one in the option " +
      "exactCertificates.",
  );
}

/**
 * Checks a certificate that issued another one of the path.
 *
 * @throws TlsError
 */
export function checkAuthority(authority: Certificate, now: Date, purpose?: string): void {
  checkAny(authority, intermediate, now, purpose);
  checkMayIssue(authority, intermediate);
}

/**
 * Checks a root's certificate: it is trusted because it was given, but only for what it says.
 *
 * @throws TlsError
 */
export function checkRoot(root: Certificate, now: Date, purpose?: string): void {
  // RFC 5280 §6.1.4 (k): that one of version 1 is an authority's, who gives it as a root says.
  if (root.version === 1) {
    checkValidity(root, theRoot, now);
  } else {
    checkAny(root, theRoot, now, purpose);
    checkMayIssue(root, theRoot);
  }
}

/**
 * Checks that a root is trusted for a server's certificate as young as this.
 *
 * @throws TlsError `certificate/unknown-issuer`.
 */
export function checkDistrust({ subject, distrustAfter }: TrustAnchor, leaf: Certificate): void {
  if (distrustAfter === undefined || leaf.notBefore <= distrustAfter) return;
  throw new TlsError(
    "certificate/unknown-issuer",
    `The root ${describeName(subject)} is trusted only for certificates issued until ` +
      `${distrustAfter.toISOString()}, but the server's is of ${leaf.notBefore.toISOString()}. ` +
      "The server needs a certificate from another issuer.",
  );
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
    `The authority ${describeName(authority.subject)} allows ${pathLength} intermediates below ` +
      `it, but there are ${below}. The server needs a certificate from another issuer.`,
  );
}

/** RFC 5280 §4.2.1.9 and §4.2.1.3. */
function checkMayIssue(certificate: Certificate, who: Description): void {
  const { basicConstraints, keyUsage } = certificate;
  if (!basicConstraints?.ca) {
    throw new TlsError(
      "certificate/not-a-ca",
      `${who(certificate)} is not an authority's (basicConstraints lacks CA), so what it issued ` +
        "can't be trusted. The server needs a certificate from another issuer.",
    );
  }
  if (keyUsage !== undefined && !keyUsage.keyCertSign) {
    throw new TlsError(
      "certificate/wrong-key-usage",
      `${who(certificate)} does not allow its key to sign certificates (key usage lacks ` +
        "keyCertSign). The server needs a certificate from another issuer.",
    );
  }
}

/** RFC 5280 §3.2: the issuer is the subject too. */
export function isSelfIssued({ issuer, subject }: Certificate): Promise<boolean> {
  return isSameName(issuer, subject);
}

/** What is asked of servers and authorities alike. */
function checkAny(certificate: Certificate, who: Description, now: Date, purpose?: string): void {
  if (certificate.version !== 3) {
    throw new TlsError(
      "certificate/malformed",
      `${who(certificate)} is of X.509 version ${certificate.version}: expected version 3, the ` +
        "only one that says what a certificate is for. It has to be issued anew.",
    );
  }
  checkValidity(certificate, who, now);
  if (certificate.unknownCritical.length > 0) {
    throw unknownCritical(who(certificate), certificate.unknownCritical);
  }
  checkSignsOnly(certificate, who);
  // RFC 5280 §4.2.1.12, and as all browsers do for authorities too. anyExtendedKeyUsage does not
  // count, as in webpki: it does not say that the issuer has looked at a server.
  const purposes = certificate.extendedKeyUsage;
  if (purpose !== undefined && purposes !== undefined && !purposes.includes(purpose)) {
    const wanted = purpose === serverAuth ? "serverAuth, for TLS servers" : purpose;
    throw new TlsError(
      "certificate/wrong-purpose",
      `${who(certificate)} is for other purposes: its extended key usage lacks ${wanted}. The ` +
        "server needs one that has it.",
    );
  }
}

/** RFC 9881 §5: what a key of ML-DSA can't do, its certificate must not say that it does. */
function checkSignsOnly(certificate: Certificate, who: Description): void {
  const { keyUsage, subjectPublicKeyInfo } = certificate;
  if (!keyUsage?.encrypts || parsePublicKey(subjectPublicKeyInfo).kind !== "ml-dsa") return;
  throw new TlsError(
    "certificate/wrong-key-usage",
    `${who(certificate)} says that its ML-DSA key encrypts or agrees on keys (key usage), but ` +
      "such keys only sign. It has to be issued anew.",
  );
}

/** RFC 5280 §4.1.2.5: both ends belong to it. Certificates count whole seconds. */
function checkValidity(certificate: Certificate, who: Description, now: Date): void {
  const { notBefore, notAfter } = certificate;
  const second = Math.floor(now.getTime() / 1000) * 1000;
  const clock = now.toISOString();
  if (second < notBefore.getTime()) {
    throw new TlsError(
      "certificate/not-yet-valid",
      `${who(certificate)} is valid from ${notBefore.toISOString()} on, but the clock says ` +
        `${clock}. Most often this device's clock is slow: set it right, or wait.`,
    );
  }
  if (second > notAfter.getTime()) {
    throw new TlsError(
      "certificate/expired",
      `${who(certificate)} expired at ${notAfter.toISOString()}; the clock says ${clock}. It ` +
        "has to be renewed, unless this device's clock is fast.",
    );
  }
}
