/**
 * That no certificate of a path is revoked, by CRLs (RFC 5280 §6.3).
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { TlsError, type TlsErrorCode } from "../../errors.ts";
import type { TrustAnchor } from "../anchor.ts";
import type { CandidatePath, PathCondition, PathEffort } from "../candidate-path.ts";
import type { Certificate } from "../certificate.ts";
import { describeName } from "../describe-name.ts";
import { nameKey } from "../name-match.ts";
import { signatureCost } from "../path-budget.ts";
import { parsePublicKey } from "../public-key.ts";
import { verifySignature } from "../signature.ts";
import type { Crl } from "./crl.ts";
import { isAbout } from "./distribution-point.ts";
import type { Revocation } from "./revoked.ts";

/** What CRLs have to say of a path. */
export interface CrlPolicy {
  readonly crls: readonly Crl[];
  /** Which certificates are looked for: all below the anchor, or the server's own. */
  readonly depth: "chain" | "leaf";
  /** Whether a certificate that no CRL is about passes. */
  readonly allowsUnknownStatus: boolean;
}

/** What the status is judged with. */
export interface CrlCheckContext {
  readonly now: Date;
  readonly crypto: CryptoProvider;
}

/**
 * The condition that no certificate of a path is revoked.
 *
 * A CRL counts if the issuer of the certificate has signed it, and it is current. One that does
 * count is enough: others may be out of date.
 *
 * Its failures: TlsError `certificate/revoked`, else `certificate/bad-crl`,
 * `certificate/crl-expired`, `certificate/unknown-revocation-status`.
 */
export function notRevokedByCrls(policy: CrlPolicy, context: CrlCheckContext): PathCondition {
  return async (path, effort) => {
    const count = policy.depth === "leaf" ? 1 : path.certificates.length;
    const failures: { readonly position: number; readonly failure: TlsError }[] = [];
    for (const position of path.certificates.slice(0, count).keys()) {
      effort.lookAt(position);
      const here = await failuresAt(position, path, policy, context, effort);
      failures.push(...here.map((failure) => ({ position, failure })));
    }
    const [first, ...others] = failures;
    if (first === undefined) return;
    const rank = ({ failure }: typeof first) => ranking.indexOf(failure.code);
    const mostTelling = others.reduce((a, b) => (rank(b) < rank(a) ? b : a), first);
    effort.lookAt(mostTelling.position);
    throw mostTelling.failure;
  };
}

/** From the most telling to the least. */
const ranking: readonly TlsErrorCode[] = [
  "certificate/revoked",
  "certificate/bad-crl",
  "certificate/crl-expired",
  "certificate/unknown-revocation-status",
];

/** What speaks against one certificate of the path. */
async function failuresAt(
  position: number,
  path: CandidatePath,
  { crls, allowsUnknownStatus }: CrlPolicy,
  context: CrlCheckContext,
  effort: PathEffort,
): Promise<readonly TlsError[]> {
  const certificate = path.certificates[position] ?? path.certificates[0];
  const who =
    position === 0
      ? "The server's certificate"
      : `The intermediate certificate ${describeName(certificate.subject)}`;
  const relevant = crls.filter(
    ({ issuer, scope }) => isSameName(issuer, certificate.issuer) && isAbout(scope, certificate),
  );
  if (relevant.length === 0) return allowsUnknownStatus ? [] : [unknownStatus(who, certificate)];
  const signers = signersAbove(position, path);
  const failures: TlsError[] = [];
  let isKnown = false;
  for (const crl of relevant) {
    const failure =
      checkTimes(crl, context.now) ?? (await checkSigner(crl, signers, context.crypto, effort));
    const revocation = failure === undefined && crl.revoked.get(certificate.serialNumber);
    if (revocation) return [revoked(who, crl, revocation)];
    if (failure === undefined) isKnown = true;
    else failures.push(failure);
  }
  return isKnown ? [] : failures;
}

/** Whoever signs for the certificate's issuer: a name and a key, and what the key is for. */
type Signer = Pick<TrustAnchor, "subject" | "subjectPublicKeyInfo" | "keyUsage">;

/**
 * Keys that the path vouches for under the name of the certificate's issuer: the one that signed the
 * certificate, and further up those it had before or after (RFC 5280 §6.3.3 (f)), where it has
 * certified its own new key.
 */
function signersAbove(position: number, { certificates, anchor }: CandidatePath): Signer[] {
  const { subject } = certificates[position + 1] ?? anchor;
  const above: readonly Signer[] = [...certificates.slice(position + 1), anchor];
  return above.filter((signer) => isSameName(signer.subject, subject));
}

function isSameName(a: Bytes, b: Bytes): boolean {
  return nameKey(a) === nameKey(b);
}

/** RFC 5280 §6.3.3 (a). Both ends belong to it, and whole seconds count. */
function checkTimes(crl: Crl, now: Date): TlsError | undefined {
  const second = Math.floor(now.getTime() / 1000) * 1000;
  const what = nameOf(crl);
  if (second < crl.thisUpdate.getTime()) {
    return new TlsError(
      "certificate/bad-crl",
      `${what} is yet to come: the clock says ${now.toISOString()}. Most often this device's clock ` +
        "is slow: set it right.",
    );
  }
  if (second <= crl.nextUpdate.getTime()) return undefined;
  return new TlsError(
    "certificate/crl-expired",
    `${what} held until ${crl.nextUpdate.toISOString()}; the clock says ${now.toISOString()}. Give ` +
      "the option revocation the current one, unless this device's clock is fast.",
  );
}

/** RFC 5280 §6.3.3 (f) and (g). */
async function checkSigner(
  crl: Crl,
  signers: readonly Signer[],
  crypto: CryptoProvider,
  effort: PathEffort,
): Promise<TlsError | undefined> {
  const allowed = signers.filter(({ keyUsage }) => keyUsage === undefined || keyUsage.cRLSign);
  if (allowed.length === 0) {
    return new TlsError(
      "certificate/bad-crl",
      `${nameOf(crl)} can't be trusted: its issuer's certificate does not allow the key to sign ` +
        "CRLs (key usage lacks cRLSign). The issuer needs a certificate with that usage.",
    );
  }
  for (const { subjectPublicKeyInfo } of allowed) {
    if (await isSignedBy(crl, subjectPublicKeyInfo, crypto, effort)) return undefined;
  }
  return new TlsError(
    "certificate/bad-crl",
    `${nameOf(crl)} is not signed by the issuer it names. It was altered, or is of another ` +
      "issuer of that name: get it anew.",
  );
}

/** The key that a CRL was found to be signed with: that is checked once, not by each connection. */
const signedBy = new WeakMap<Crl, Bytes>();

async function isSignedBy(
  crl: Crl,
  issuerKey: Bytes,
  crypto: CryptoProvider,
  effort: PathEffort,
): Promise<boolean> {
  const known = signedBy.get(crl);
  if (known !== undefined && equalPublic(known, issuerKey)) return true;
  const key = parsePublicKey(issuerKey);
  effort.spend("signatures", signatureCost(key));
  const { signatureAlgorithm, signature, signed } = crl;
  const isRight = await verifySignature(crypto, signatureAlgorithm, key, signature, signed);
  if (isRight) signedBy.set(crl, issuerKey);
  return isRight;
}

function nameOf({ issuer, thisUpdate }: Crl): string {
  return `The CRL of ${describeName(issuer)} of ${thisUpdate.toISOString()}`;
}

function revoked(who: string, crl: Crl, { date, reason }: Revocation): TlsError {
  const why = reason === undefined ? "" : ` (${reason})`;
  return new TlsError(
    "certificate/revoked",
    `${who} was revoked at ${date.toISOString()}${why}, as its issuer says in its CRL: whoever ` +
      `has the key may be somebody else. The server needs another certificate. ${nameOf(crl)}.`,
  );
}

function unknownStatus(who: string, { issuer }: Certificate): TlsError {
  return new TlsError(
    "certificate/unknown-revocation-status",
    `Whether it is revoked is not known: ${who} is of ${describeName(issuer)}, and of that issuer ` +
      "the option revocation has no CRL about it. Give it the issuer's current CRL.",
  );
}
