/**
 * The search for a path (RFC 4158, RFC 5280 §6): from a certificate to one of the trust anchors,
 * depth first, within a budget.
 *
 * Names of issuers and subjects are compared by RFC 5280 §7.1. That can only give more candidates to
 * try: whether one of them is the issuer, its key says.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../crypto/bytes.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { TlsError, withDetails } from "../errors.ts";
import { loaded } from "../loaded.ts";
import type { TrustAnchor } from "./anchor.ts";
import type { CandidatePath, PathCondition } from "./candidate-path.ts";
import type { Certificate } from "./certificate.ts";
import { latin1 } from "./der.ts";
import type { IssuerFinder, IssuerLookup } from "./issuer-lookup.ts";
import { readCertificate } from "./known-certificates.ts";
import { Budget, overBudget, pathLimits } from "./path-budget.ts";
import {
  checkAuthority,
  checkDistrust,
  checkEnd,
  checkPathLength,
  checkRoot,
} from "./path-checks.ts";
import { checkCertificateSignature } from "./path-signature.ts";
import { parsePublicKey } from "./public-key.ts";
import { isSameName, SubjectIndex } from "./subject-index.ts";
import { type FailedTrial, Trial } from "./trial.ts";

/** What a path is searched in. */
export interface SearchOptions {
  /** What was presented: the certificate in question first, the others in any order. DER. */
  readonly chain: readonly Bytes[];
  /** An index of them is kept as long as the array itself, so it is not to be changed. */
  readonly anchors: readonly TrustAnchor[];
  /** What a path may go through beside what was presented. Default: nothing. */
  readonly intermediates?: readonly Certificate[];
  /** Asked for more where all of this leads to no anchor. Default: nobody is. */
  readonly findIssuers?: IssuerFinder | undefined;
  readonly now: Date;
  readonly crypto: CryptoProvider;
  /** What else the path has to meet. Default: nothing. */
  readonly conditions?: readonly PathCondition[];
}

/** What the certificate in question has to be good for. */
export interface PathTarget {
  /** OID of a purpose (RFC 5280 §4.2.1.12) that each certificate allows. Default: any will do. */
  readonly purpose?: string;
  /** Checks the certificate by itself, before a path is searched. */
  checkFirst?(leaf: Certificate, now: Date): void;
  /** Checks what is said last, when a path has been found. */
  checkLast?(leaf: Certificate): void;
}

/**
 * Finds a path to an anchor and verifies it: signatures, validity, constraints and purposes. For
 * whom the certificate is, only the target asks.
 *
 * @throws TlsError of the area `certificate`: where several paths fail, the failure that tells most.
 * It carries the chain presented, and the paths that were tried.
 */
export async function findPath(
  options: SearchOptions,
  target: PathTarget = {},
): Promise<CandidatePath> {
  const search: Search = { ...options, target, budget: new Budget(), failed: [] };
  let failure: TlsError | undefined;
  try {
    const found = await find(search);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    failure = error;
  }
  const { explain } = await loaded(import("./path-failures.ts"));
  const error = await explain(search, failure);
  const cause = search.lookup?.failure;
  throw cause === undefined ? error : withDetails(error, { cause });
}

/** What stays the same while paths are tried. */
interface Search extends SearchOptions {
  readonly target: PathTarget;
  readonly budget: Budget;
  readonly failed: FailedTrial[];
  lookup?: IssuerLookup;
}

/** A path as far as it has been built, leaf first. */
type Path = CandidatePath["certificates"];

async function find(search: Search): Promise<CandidatePath | undefined> {
  const { chain, now, target, budget } = search;
  const [first, ...others] = chain;
  if (first === undefined) {
    throw new TlsError(
      "certificate/missing",
      "The server presented no certificate. It has to be given one.",
    );
  }
  if (chain.length > pathLimits.presented) throw overBudget("presented");
  const leaf = await attempt(search, new Trial(budget, [{ der: first }], 0), () => {
    const certificate = readCertificate(first);
    parsePublicKey(certificate.subjectPublicKeyInfo);
    if (target.checkFirst) target.checkFirst(certificate, now);
    else checkEnd(certificate, now, target.purpose);
    return certificate;
  });
  const presented = await readableOf(search, leaf, others);
  const authorities = [...presented, ...notAmong(presented, search.intermediates ?? [])];
  const unreadable = [...search.failed];
  const found =
    (await climbThrough(search, leaf, authorities)) ??
    (await climbFurther(search, leaf, authorities, unreadable));
  if (found === undefined) return undefined;
  await attempt(search, new Trial(budget, found.certificates, 0, found.anchor), () =>
    target.checkLast?.(leaf),
  );
  return found;
}

/** A server may present what can't be read, as long as it is not needed. */
async function readableOf(
  search: Search,
  leaf: Certificate,
  chain: readonly Bytes[],
): Promise<Certificate[]> {
  const readable: Certificate[] = [];
  // The same certificate again leads nowhere else, and would only cost time.
  for (const [, der] of new Map(chain.map((other) => [latin1(other), other]))) {
    await holds(search, new Trial(search.budget, [leaf, { der }], 1), () => {
      readable.push(readCertificate(der));
    });
  }
  return readable;
}

function notAmong(known: readonly Certificate[], others: readonly Certificate[]): Certificate[] {
  return others.filter(({ der }) => !known.some((one) => equalPublic(one.der, der)));
}

/** Looks for a path from the leaf to an anchor, through no others than these. */
function climbThrough(
  search: Search,
  leaf: Certificate,
  authorities: readonly Certificate[],
): Promise<CandidatePath | undefined> {
  const anchors = bySubject(search.anchors);
  return climb({ search, anchors, authorities: new SubjectIndex(authorities) }, [leaf]);
}

/**
 * Asks the caller for issuers where a path has ended, and tries all anew with them.
 *
 * @param kept the failures that stay.
 */
async function climbFurther(
  search: Search,
  leaf: Certificate,
  known: readonly Certificate[],
  kept: readonly FailedTrial[],
): Promise<CandidatePath | undefined> {
  if (search.findIssuers === undefined) return undefined;
  const { IssuerLookup } = await loaded(import("./issuer-lookup.ts"));
  search.lookup = new IssuerLookup(search.findIssuers);
  let authorities = known;
  for (;;) {
    const found = await search.lookup.next(search.failed);
    if (found === undefined) return undefined;
    const added = notAmong(authorities, found);
    if (added.length === 0) continue;
    authorities = [...authorities, ...added];
    search.failed.splice(0, Number.POSITIVE_INFINITY, ...kept);
    const path = await climbThrough(search, leaf, authorities);
    if (path !== undefined) return path;
  }
}

/** Whom paths can lead through, and whom to. */
interface Issuers {
  readonly search: Search;
  readonly anchors: SubjectIndex<TrustAnchor>;
  /** The other certificates presented, and those at hand. */
  readonly authorities: SubjectIndex<Certificate>;
}

/** Goes on from the last certificate of a path: to an anchor, else to each of its issuers. */
async function climb(issuers: Issuers, path: Path): Promise<CandidatePath | undefined> {
  const { search } = issuers;
  let isIssuerKnown = false;
  for await (const step of stepsFrom(issuers, path)) {
    isIssuerKnown = true;
    search.budget.spend("candidates");
    const found = await step(issuers, path);
    if (found !== undefined) return found;
  }
  if (!isIssuerKnown) search.failed.push({ trial: new Trial(search.budget, path, path.length) });
  return undefined;
}

/** A step up, to one that has the name of the issuer. */
type Step = (issuers: Issuers, path: Path) => Promise<CandidatePath | undefined>;

/** Anchors first; and those with another spelling of the name only where the others lead nowhere. */
async function* stepsFrom({ anchors, authorities }: Issuers, path: Path): AsyncGenerator<Step> {
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
  return async ({ search }, certificates) => {
    const trial = new Trial(search.budget, certificates, certificates.length - 1, anchor);
    const candidate: CandidatePath = { certificates, anchor };
    const ends = await holds(search, trial, async () => {
      await checkCertificateSignature(lastOf(certificates), anchor.subjectPublicKeyInfo, search);
      trial.lookAt(certificates.length);
      await checkAnchor(search, candidate);
      trial.lookAt(0);
      await checkConstraints(candidate, trial);
      for (const condition of search.conditions ?? []) {
        trial.lookAt(0);
        await condition(candidate, trial);
      }
    });
    return ends ? candidate : undefined;
  };
}

function goOnWith(authority: Certificate): Step {
  return async (issuers, path) => {
    const { search } = issuers;
    const trial = new Trial(search.budget, [...path, authority], path.length);
    const continues = await holds(search, trial, async () => {
      if (path.length > pathLimits.intermediates) throw overBudget("intermediates");
      checkAuthority(authority, search.now, search.target.purpose);
      await checkPathLength(authority, path);
      trial.lookAt(path.length - 1);
      await checkCertificateSignature(lastOf(path), authority.subjectPublicKeyInfo, search);
    });
    return continues ? climb(issuers, [...path, authority]) : undefined;
  };
}

/** What is asked of an anchor: by who put it on the list of roots, and by its own certificate. */
async function checkAnchor(search: Search, { certificates, anchor }: CandidatePath): Promise<void> {
  checkDistrust(anchor, certificates[0]);
  const { root } = anchor;
  // One that was given as a root and is presented itself has issued nothing here but itself.
  if (root === undefined || equalPublic(root.der, lastOf(certificates).der)) return;
  checkRoot(root, search.now, search.target.purpose);
  await checkPathLength(root, certificates);
}

/** Few authorities are constrained. */
async function checkConstraints(path: CandidatePath, trial: Trial): Promise<void> {
  const all = [...path.certificates, path.anchor];
  if (all.every(({ nameConstraints }) => nameConstraints === undefined)) return;
  const { checkPathConstraints } = await loaded(import("./constraints.ts"));
  checkPathConstraints(path, trial);
}

/** Runs the checks of a try; why it failed is kept. */
async function attempt<T>(search: Search, trial: Trial, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof TlsError) search.failed.push({ trial, failure: error });
    throw error;
  }
}

/** Whether the checks of a try pass; where they don't, other paths are tried. */
async function holds(
  search: Search,
  trial: Trial,
  check: () => void | Promise<void>,
): Promise<boolean> {
  try {
    await attempt(search, trial, check);
    return true;
  } catch (error) {
    if (!(error instanceof TlsError) || error === search.budget.failure) throw error;
    return false;
  }
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

function bySubject(anchors: readonly TrustAnchor[]): SubjectIndex<TrustAnchor> {
  const known = indexes.get(anchors);
  if (known !== undefined) return known;
  const index = new SubjectIndex(anchors);
  indexes.set(anchors, index);
  return index;
}
