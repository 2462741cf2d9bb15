/**
 * Certification paths (RFC 5280 §6, RFC 4158): from the certificate a server presents to one of the
 * trust anchors, depth first, within a budget.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import { loaded } from "../crypto/loaded.ts";
import type { CryptoProvider, PublicKey } from "../crypto/provider.ts";
import { TlsError, type TlsErrorCode } from "../errors.ts";
import type { TrustAnchor } from "./anchor.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { latin1 } from "./der.ts";
import { describeName } from "./distinguished-name.ts";
import { matchesServerName, type ServerName, wrongName } from "./names.ts";
import {
  checkAuthority,
  checkIsNoAuthority,
  checkLeaf,
  checkPathLength,
  isSelfIssued,
} from "./path-checks.ts";
import { parsePublicKey } from "./public-key.ts";
import { parseSignatureAlgorithm, verifySignature } from "./signature.ts";
import { isSameName, SubjectIndex } from "./subject-index.ts";

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
export interface PathOptions {
  /** What the server presented: its own certificate first, the others in any order. DER. */
  readonly chain: readonly Bytes[];
  /** An index of them is kept as long as the array itself, so it is not to be changed. */
  readonly anchors: readonly TrustAnchor[];
  readonly serverName: ServerName;
  readonly now: Date;
  readonly crypto: CryptoProvider;
  /** What else the path has to meet. Default: nothing. */
  readonly conditions?: readonly PathCondition[];
}

/** A path whose signatures, times, constraints and purposes hold. */
export interface CandidatePath {
  /** Leaf first, up to the one that the anchor has issued. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly anchor: TrustAnchor;
}

/** What is spent on a path, of {@link pathLimits}. */
export interface PathEffort {
  /** @throws TlsError `certificate/budget-exceeded`. */
  spend(what: "signatures" | "candidates" | "constraints", count?: number): void;
}

/**
 * What a path has to meet beyond RFC 5280 §6, such as that nothing of it is revoked.
 *
 * @throws TlsError of the area `certificate`: other paths are tried then.
 */
export type PathCondition = (path: CandidatePath, effort: PathEffort) => void | Promise<void>;

/** The name and the key that issued a certificate of a path. */
export function issuerOf(
  { certificates, anchor }: CandidatePath,
  index: number,
): Pick<TrustAnchor, "subject" | "subjectPublicKeyInfo"> {
  return certificates[index + 1] ?? anchor;
}

/**
 * The most that is done for one path. Real paths have two or three intermediates and, with
 * cross-signs, a dozen signatures; without bounds a server could keep its client busy for ever.
 */
export const pathLimits = {
  presented: 128,
  intermediates: 6,
  /** On P-384 a signature counts twice, on P-521 four times: so much longer they take. */
  signatures: 100,
  candidates: 1_000,
  constraints: 1_000_000,
} as const;

/**
 * Finds a path from the server's certificate to an anchor and verifies all of it: signatures,
 * validity, constraints, purposes, and that the certificate is for this server.
 *
 * Names of issuers and subjects are compared by RFC 5280 §7.1. That can only give more candidates to
 * try: whether one of them is the issuer, its key says.
 *
 * @throws TlsError of the area `certificate`: where several paths fail, the failure that tells most.
 * It carries the chain presented.
 */
export async function verifyPath(options: PathOptions): Promise<VerifiedPath> {
  try {
    return await verify(options);
  } catch (error) {
    throw error instanceof TlsError ? error.with({ certificates: options.chain }) : error;
  }
}

/** What stays the same while paths are tried. */
interface Search {
  readonly anchors: SubjectIndex<TrustAnchor>;
  /** The other certificates presented. */
  readonly authorities: SubjectIndex<Certificate>;
  readonly now: Date;
  readonly crypto: CryptoProvider;
  readonly conditions: readonly PathCondition[];
  readonly budget: Budget;
  readonly failures: Failures;
}

/** A path as far as it has been built, leaf first. */
type Path = CandidatePath["certificates"];

async function verify(options: PathOptions): Promise<VerifiedPath> {
  const { chain, serverName, now, crypto, conditions = [] } = options;
  const [first, ...others] = chain;
  if (first === undefined) {
    throw new TlsError(
      "certificate/missing",
      "The server presented no certificate. It has to be given one.",
    );
  }
  if (chain.length > pathLimits.presented) throw overBudget("presented");
  const leaf = parseCertificate(first);
  const publicKey = parsePublicKey(leaf.subjectPublicKeyInfo);
  checkLeaf(leaf, now);
  const failures = new Failures();
  const search: Search = {
    anchors: anchorsBySubject(options.anchors),
    authorities: new SubjectIndex(readableOf(others, failures)),
    now,
    crypto,
    conditions,
    budget: new Budget(),
    failures,
  };
  const found = await climb(search, [leaf]);
  if (found === undefined) throw await mostTelling(search, leaf);
  checkIsNoAuthority(leaf);
  const names = leaf.subjectAltName ?? [];
  if (!matchesServerName(names, serverName)) throw wrongName(names, serverName);
  const certificates = found.path.map(({ der }) => der);
  const result: Omit<VerifiedPath, typeof verified> = {
    leaf,
    publicKey,
    certificates,
    anchor: found.anchor,
  };
  return result as VerifiedPath;
}

/** A server may present what can't be read, as long as it is not needed. */
function readableOf(chain: readonly Bytes[], failures: Failures): Certificate[] {
  // The same certificate again leads nowhere else, and would only cost time.
  const distinct = new Map(chain.map((der) => [latin1(der), der]));
  return [...distinct.values()].flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch (error) {
      failures.add(asFailure(error));
      return [];
    }
  });
}

/** A path that is complete. */
interface Found {
  readonly path: Path;
  readonly anchor: TrustAnchor;
}

/** Goes on from the last certificate of a path: to an anchor, else to each of its issuers. */
async function climb(search: Search, path: Path): Promise<Found | undefined> {
  let isIssuerKnown = false;
  for await (const issuer of issuersAbove(search, path)) {
    isIssuerKnown = true;
    search.budget.spend("candidates");
    const found = await issuer(search, path);
    if (found !== undefined) return found;
  }
  if (!isIssuerKnown) search.failures.add(await unknownIssuer(lastOf(path)));
  return undefined;
}

/** A step up, to one that has the name of the issuer. */
type Step = (search: Search, path: Path) => Promise<Found | undefined>;

/** Anchors first; and those with another spelling of the name only where the others lead nowhere. */
async function* issuersAbove({ anchors, authorities }: Search, path: Path): AsyncGenerator<Step> {
  const { issuer } = lastOf(path);
  yield* anchors.exactly(issuer).map(endAt);
  for (const authority of authorities.exactly(issuer)) {
    if (!(await isAmong(path, authority))) yield goOnWith(authority);
  }
  yield* (await anchors.otherwise(issuer)).map(endAt);
  for (const authority of await authorities.otherwise(issuer)) {
    if (!(await isAmong(path, authority))) yield goOnWith(authority);
  }
}

function endAt(anchor: TrustAnchor): Step {
  return async (search, path) => {
    const ends = await holds(search, async () => {
      await checkAnchor(search, path, anchor);
      for (const condition of search.conditions) {
        await condition({ certificates: path, anchor }, search.budget);
      }
    });
    return ends ? { path, anchor } : undefined;
  };
}

function goOnWith(authority: Certificate): Step {
  return async (search, path) => {
    const continues = await holds(search, async () => {
      if (path.length > pathLimits.intermediates) throw overBudget("intermediates");
      checkAuthority(authority, search.now);
      await checkPathLength(authority, path);
      await checkSignature(search, lastOf(path), authority.subjectPublicKeyInfo);
    });
    return continues ? climb(search, [...path, authority]) : undefined;
  };
}

/** Whether a check passes; where it does not, its failure is kept and other paths are tried. */
async function holds(search: Search, check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    const failure = asFailure(error);
    if (failure === search.budget.failure) throw failure;
    search.failures.add(failure);
    return false;
  }
}

/** The last step of RFC 5280 §6.1: the anchor's own limits, and name constraints from above. */
async function checkAnchor(search: Search, path: Path, anchor: TrustAnchor): Promise<void> {
  await checkSignature(search, lastOf(path), anchor.subjectPublicKeyInfo);
  const [leaf] = path;
  const { distrustAfter } = anchor;
  if (distrustAfter !== undefined && leaf.notBefore > distrustAfter) {
    throw new TlsError(
      "certificate/unknown-issuer",
      `The root ${describeName(anchor.subject)} is trusted only for certificates issued until ` +
        `${distrustAfter.toISOString()}, but the server's is of ${leaf.notBefore.toISOString()}. ` +
        "The server needs a certificate from another issuer.",
    );
  }
  // Few authorities are constrained.
  if ([...path, anchor].every(({ nameConstraints }) => nameConstraints === undefined)) return;
  const { checkPathConstraints } = await loaded(import("./constraints.ts"));
  checkPathConstraints({ certificates: path, anchor }, search.budget);
}

async function checkSignature(search: Search, child: Certificate, issuerKey: Bytes): Promise<void> {
  const algorithm = parseSignatureAlgorithm(child.signatureAlgorithm);
  const key = parsePublicKey(issuerKey);
  search.budget.spend("signatures", signatureCost(key));
  if (!(await verifySignature(search.crypto, algorithm, key, child.signature, child.signed))) {
    throw new TlsError(
      "certificate/bad-signature",
      `The certificate ${describeName(child.subject)} is not signed by the issuer it names, ` +
        `${describeName(child.issuer)}. It was altered, or another issuer of that name is meant.`,
    );
  }
}

/** How many signatures of the budget one with this key stands for. */
export function signatureCost(key: PublicKey): number {
  if (key.kind === "ml-dsa") return 4;
  if (key.kind !== "ec" || key.curve === "P-256") return 1;
  return key.curve === "P-384" ? 2 : 4;
}

function lastOf(path: Path): Certificate {
  return path.at(-1) ?? path[0];
}

/** RFC 5280 §6.1: no certificate twice; nor the same authority under another certificate. */
async function isAmong(path: Path, candidate: Certificate): Promise<boolean> {
  for (const { subject, subjectPublicKeyInfo } of path) {
    if (!equalPublic(subjectPublicKeyInfo, candidate.subjectPublicKeyInfo)) continue;
    if (await isSameName(subject, candidate.subject)) return true;
  }
  return false;
}

const indexes = new WeakMap<readonly TrustAnchor[], SubjectIndex<TrustAnchor>>();

function anchorsBySubject(anchors: readonly TrustAnchor[]): SubjectIndex<TrustAnchor> {
  const known = indexes.get(anchors);
  if (known !== undefined) return known;
  const index = new SubjectIndex(anchors);
  indexes.set(anchors, index);
  return index;
}

/** Counts what a search costs, and ends it. */
class Budget implements PathEffort {
  /** The error that ended the search. */
  failure: TlsError | undefined;
  readonly #spent = { signatures: 0, candidates: 0, constraints: 0 };

  spend(what: "signatures" | "candidates" | "constraints", count = 1): void {
    this.#spent[what] += count;
    if (this.#spent[what] > pathLimits[what]) {
      this.failure = overBudget(what);
      throw this.failure;
    }
  }
}

/** What the limits count, in words. */
const unit: Readonly<Record<keyof typeof pathLimits, string>> = {
  presented: "certificates presented",
  intermediates: "intermediate certificates",
  signatures: "signatures",
  candidates: "tries of an issuer",
  constraints: "comparisons of names",
};

function overBudget(what: keyof typeof pathLimits): TlsError {
  return new TlsError(
    "certificate/budget-exceeded",
    `No path to a trusted root was found within ${pathLimits[what]} ${unit[what]}. The ` +
      "server has to present fewer certificates, or such as lead more directly to a root.",
  );
}

/**
 * What the tries of a search can fail with, from the most telling to the least. What is not listed,
 * such as a platform that lacks an algorithm, comes before all.
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
  "certificate/bad-signature",
  "certificate/budget-exceeded",
  "certificate/malformed",
  "certificate/unknown-issuer",
];

/** What the tries of a search failed with: only the most telling one is kept. */
class Failures {
  mostTelling: TlsError | undefined;

  /** Of equally telling ones the first stays. */
  add(failure: TlsError): void {
    const rank = ({ code }: TlsError) => ranking.indexOf(code);
    const known = this.mostTelling;
    if (known === undefined || rank(failure) < rank(known)) this.mostTelling = failure;
  }
}

/** The failure to report. */
async function mostTelling(search: Search, leaf: Certificate): Promise<TlsError> {
  const first = search.failures.mostTelling;
  const isUntrusted =
    first === undefined ||
    first.code === "certificate/unknown-issuer" ||
    first.code === "certificate/bad-signature";
  const ownKey = () => checkSignature(search, leaf, leaf.subjectPublicKeyInfo);
  if (isUntrusted && (await isSelfIssued(leaf)) && (await holds(search, ownKey))) {
    return new TlsError(
      "certificate/self-signed",
      "The server issued its certificate itself, and it is not among those trusted. Give the " +
        "server one from an issuer that is trusted, or add this one to the roots.",
    );
  }
  return first ?? (await unknownIssuer(leaf));
}

async function unknownIssuer(certificate: Certificate): Promise<TlsError> {
  const { subject, issuer } = certificate;
  if (await isSelfIssued(certificate)) {
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

function asFailure(error: unknown): TlsError {
  if (error instanceof TlsError) return error;
  throw error;
}
