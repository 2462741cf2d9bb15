/**
 * Why no path was found, told so that something can be done about it. Only failures load this.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { TlsError, type TlsErrorCode, type TriedPath, withDetails } from "../errors.ts";
import { parseCertificate } from "./certificate.ts";
import { surelyPast } from "./clock.ts";
import { describeName } from "./describe-name.ts";
import type { Budget } from "./path-budget.ts";
import { isSelfIssued } from "./path-checks.ts";
import { checkCertificateSignature } from "./path-signature.ts";
import type { FailedTrial, Trial } from "./trial.ts";

/** A search that has failed. */
interface FailedSearch {
  readonly chain: readonly Bytes[];
  readonly failed: readonly FailedTrial[];
  readonly now: Date;
  readonly crypto: CryptoProvider;
  readonly budget: Budget;
}

/** Most paths that an error tells of. */
const maxPaths = 16;

/**
 * What trials fail with, from the most telling to the least. What is not listed, such as a platform
 * that lacks an algorithm, comes before all.
 */
const ranking: readonly TlsErrorCode[] = [
  "certificate/revoked",
  "certificate/bad-status-response",
  "certificate/status-missing",
  "certificate/bad-crl",
  "certificate/crl-expired",
  "certificate/unknown-revocation-status",
  "certificate/not-logged",
  "certificate/not-pinned",
  "certificate/expired",
  "certificate/not-yet-valid",
  "certificate/name-constraint",
  "certificate/wrong-purpose",
  "certificate/path-too-long",
  "certificate/not-a-ca",
  "certificate/wrong-key-usage",
  "certificate/unknown-critical-extension",
  "certificate/weak-key",
  "certificate/unsupported-algorithm",
  "certificate/self-signed",
  "certificate/bad-signature",
  "certificate/budget-exceeded",
  "certificate/malformed",
  "certificate/unknown-issuer",
];

/**
 * The error to report.
 *
 * @param end what ended the search; undefined where all paths were tried.
 */
export async function explain(search: FailedSearch, end?: TlsError): Promise<TlsError> {
  const tried = await withSelfSigned(search);
  const rank = ({ failure }: FailedTrial) => {
    const isEnd = failure !== undefined && failure === end;
    return isEnd ? -2 : ranking.indexOf(failure?.code ?? "certificate/unknown-issuer");
  };
  // Of equally telling ones the first stays first.
  const paths = tried
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, maxPaths)
    .map(({ trial, failure }) => ({ trial, failure: failure ?? unknownIssuer(trial) }));
  const failure = end ?? paths[0]?.failure ?? unknownIssuer({ certificates: [] });
  return withDetails(withClock(failure, search.now), {
    certificates: search.chain,
    paths: paths.map(triedPath),
  });
}

function triedPath({ trial, failure }: { trial: Trial; failure: TlsError }): TriedPath {
  const { certificates, anchor, index: failedAt } = trial;
  const { code, message } = failure;
  // Copies: what the caller does with them must not change what later connections trust.
  const path = {
    certificates: certificates.map(({ der }) => der.slice()),
    failedAt,
    code,
    message,
  };
  return anchor === undefined ? path : { ...path, anchor: anchor.subject.slice() };
}

/** Where the server issued its own certificate, that tells more than that its issuer is unknown. */
async function withSelfSigned(search: FailedSearch): Promise<FailedTrial[]> {
  const isUntrusted = ({ trial: { certificates }, failure }: FailedTrial) =>
    certificates.length === 1 &&
    (failure === undefined || failure.code === "certificate/bad-signature");
  const isSelf = search.failed.some(isUntrusted) && (await isSelfSigned(search));
  if (!isSelf) return [...search.failed];
  const failure = new TlsError(
    "certificate/self-signed",
    "The server issued its certificate itself, and it is not among those trusted. Give the " +
      "server one from an issuer that is trusted, or add this one to the roots.",
  );
  return search.failed.map((tried) =>
    isUntrusted(tried) ? { trial: tried.trial, failure } : tried,
  );
}

async function isSelfSigned(search: FailedSearch): Promise<boolean> {
  const [first = new Uint8Array()] = search.chain;
  try {
    const leaf = parseCertificate(first);
    if (!(await isSelfIssued(leaf))) return false;
    await checkCertificateSignature(leaf, leaf.subjectPublicKeyInfo, search);
    return true;
  } catch (error) {
    if (error instanceof TlsError) return false;
    throw error;
  }
}

/** The failure of a path that nobody leads on from. */
function unknownIssuer({ certificates }: Pick<Trial, "certificates">): TlsError {
  const last = certificates.at(-1);
  if (last === undefined) {
    return new TlsError("certificate/unknown-issuer", "No path leads to a trusted root.");
  }
  const { subject, issuer } = parseCertificate(last.der);
  if (equalPublic(issuer, subject)) {
    return new TlsError(
      "certificate/unknown-issuer",
      `The certificates end at the root ${describeName(subject)}, which is not trusted. Add it to ` +
        "the trusted roots, or give the server a certificate from an issuer that is.",
    );
  }
  return new TlsError(
    "certificate/unknown-issuer",
    `The certificate ${describeName(subject)} was issued by ${describeName(issuer)}, which is not ` +
      "trusted, and the server presents no certificate that leads on from there. Have the server " +
      "present its intermediate certificates, or add that issuer to the trusted roots.",
  );
}

/** What fails on a clock that is slow, as nothing that is valid today is then. */
const isAboutTime: ReadonlySet<TlsErrorCode> = new Set([
  "certificate/not-yet-valid",
  "certificate/bad-crl",
  "certificate/bad-status-response",
  "certificate/not-logged",
]);

/** Names a clock that is surely wrong as what it is: the likeliest cause. */
function withClock(failure: TlsError, now: Date): TlsError {
  const slow = surelyPast.getTime() - now.getTime();
  if (slow <= 0 || !isAboutTime.has(failure.code)) return failure;
  const days = Math.floor(slow / (24 * 60 * 60 * 1000));
  const told = new TlsError(
    failure.code,
    `${failure.message} This device's clock is surely wrong: it says ${now.toISOString()}, but ` +
      `this version of webtls knows of ${surelyPast.toISOString()}, so it is slow by ` +
      `${days === 0 ? "some hours" : days === 1 ? "a day" : `${days} days`} at least. Set it right.`,
    { cause: failure.cause },
  );
  if (failure.stack !== undefined) told.stack = failure.stack;
  return told;
}
