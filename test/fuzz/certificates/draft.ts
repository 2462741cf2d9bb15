/**
 * Paths with something wrong in them: certificates that were altered, or that an issuer has signed
 * though they are odd.
 *
 * @module
 */

import { latin1 } from "../../../src/x509/der.ts";
import { pathLimits } from "../../../src/x509/path.ts";
import { below, pick, type Random } from "../mutate.ts";
import { derOf, type Element, spotsOf, treeOf } from "./der-tree.ts";
import { basicResponseIn, signedTree } from "./evidence.ts";
import { fieldsOf, Ledger, type Link, sign, signedPartOf } from "./issue.ts";
import { mutateDer, mutateTree } from "./mutate-der.ts";
import { createScenarios, type Scenario } from "./scenarios.ts";
import type { Signer } from "./signers.ts";

/** What all executions share. */
export interface World {
  readonly scenarios: readonly [Scenario, ...Scenario[]];
  /** Every certificate, of whichever scenario. */
  readonly links: readonly [Link, ...Link[]];
  /** Every CRL and OCSP response. */
  readonly crls: readonly Link[];
  readonly responses: readonly Link[];
  /** Of the certificates, at any depth. */
  readonly elements: readonly Element[];
  /** By the public key, in Latin-1. */
  readonly signers: ReadonlyMap<string, Signer>;
  /** What was signed before anything is changed. */
  readonly ledger: Ledger;
}

/** A path as it is about to be verified. */
export interface Draft {
  readonly chain: Link[];
  readonly anchors: Link[];
  readonly evidence: { readonly crls: Link[]; ocsp?: Link };
  /** What was signed, of this path too. */
  readonly ledger: Ledger;
}

/** A scenario, to be changed. */
export function draftOf({ chain, anchors, evidence }: Scenario, before: Ledger): Draft {
  return {
    chain: [...chain],
    anchors: [...anchors],
    evidence: { ...evidence, crls: [...(evidence?.crls ?? [])] },
    ledger: new Ledger(before),
  };
}

/** The scenarios, and what there is to change them with. */
export function createWorld(): World {
  const scenarios = createScenarios();
  const [first] = scenarios;
  const all = scenarios.flatMap(({ chain, anchors }) => [...chain, ...anchors]);
  const links: [Link, ...Link[]] = [first.chain[0], ...all];
  const crls = scenarios.flatMap(({ evidence }) => evidence?.crls ?? []);
  const responses = scenarios.flatMap(({ evidence }) => evidence?.ocsp ?? []);
  const ledger = new Ledger();
  for (const { der, issuer } of [...links, ...crls]) {
    ledger.note(issuer.publicKey, signedPartOf(der));
  }
  for (const { der, issuer } of responses) {
    ledger.note(issuer.publicKey, signedPartOf(basicResponseIn(der)));
  }
  return {
    scenarios,
    links,
    crls,
    responses,
    elements: [...links, ...crls, ...responses].flatMap(({ der }) =>
      spotsOf(treeOf(der)).map(({ element }) => element),
    ),
    signers: new Map(links.map(({ issuer }) => [latin1(issuer.publicKey), issuer])),
    ledger,
  };
}

/**
 * Makes one or two changes.
 *
 * @param made told what was done.
 */
export function mutateDraft(
  draft: Draft,
  random: Random,
  world: World,
  made: (change: string) => void,
): void {
  for (let left = 1 + below(random, 2); left > 0; left--) {
    const hasEvidence = draft.evidence.crls.length > 0 || draft.evidence.ocsp !== undefined;
    const change = hasEvidence && random() < 0.6 ? evidence : pick(random, changes);
    made(change.name);
    change(draft, random, world, made);
  }
}

const none = new Uint8Array();

type Change = (draft: Draft, random: Random, world: World, made: (change: string) => void) => void;

const changes: readonly [Change, ...Change[]] = [
  signedAnew,
  signedAnew,
  signedAnew,
  signedAnew,
  function altered({ chain }, random, { elements }, made) {
    const at = below(random, chain.length);
    const link = chain[at];
    if (link === undefined) return;
    made(`certificate ${at}`);
    chain[at] = { ...link, der: mutateDer(link.der, random, elements, made) };
  },
  function alteredAnchor({ anchors }, random, { elements }, made) {
    const at = below(random, anchors.length);
    const link = anchors[at];
    if (link === undefined) return;
    made(`anchor ${at}`);
    anchors[at] = { ...link, der: mutateDer(link.der, random, elements, made) };
  },
  /** The leaf names the subject of another certificate as its issuer, whose key has signed it. */
  function issuedByAnother({ chain, anchors, ledger }, random, { signers }) {
    const all = [...chain, ...anchors];
    const authority = fieldsOf(treeOf(all[below(random, all.length)]?.der ?? none));
    const [, , , , , subject, publicKey] = authority ?? [];
    const leaf = treeOf(chain[0]?.der ?? none);
    const fields = fieldsOf(leaf);
    if (publicKey === undefined || subject === undefined || fields === undefined) return;
    const signer = signers.get(latin1(derOf([publicKey])));
    if (signer === undefined) return;
    fields.splice(3, 1, subject);
    const signed = signedBy(leaf, signer, ledger);
    if (signed !== undefined) chain[0] = signed;
  },
  function without({ chain }, random) {
    chain.splice(below(random, chain.length), 1);
  },
  function inAnotherOrder({ chain }, random) {
    const from = chain.splice(below(random, chain.length), 1);
    chain.splice(below(random, chain.length + 1), 0, ...from);
  },
  function withAnother({ chain }, random, { links }) {
    chain.splice(below(random, chain.length + 1), 0, pick(random, links));
  },
  /** So many that are alike, each signed, that to try them all would take for ever. */
  function withMany({ chain, ledger }, random, { elements }, made) {
    const at = below(random, chain.length);
    const link = chain[at];
    if (link === undefined) return;
    if (random() < 0.8) return;
    const count = pick(random, [5, 20, pathLimits.presented, pathLimits.presented + 1]);
    for (let left = count - chain.length; left > 0; left--) {
      const tree = treeOf(link.der);
      if (random() < 0.5) mutateTree(tree, random, elements, () => {});
      chain.splice(1, 0, signedBy(tree, link.issuer, ledger) ?? link);
    }
    made(`${count} like certificate ${at}`);
  },
];

/** Changes a CRL or the OCSP response, half of the time with a right signature. */
function evidence(
  draft: Draft,
  random: Random,
  { elements }: World,
  made: (change: string) => void,
): void {
  const { crls, ocsp } = draft.evidence;
  const at = below(random, crls.length + (ocsp === undefined ? 0 : 1));
  const link = crls[at] ?? ocsp;
  if (link === undefined) return;
  made(crls[at] === undefined ? "OCSP response" : `CRL ${at}`);
  const changed = random() < 0.5 ? altered(link) : signed(link);
  if (crls[at] === undefined) draft.evidence.ocsp = changed;
  else crls[at] = changed;

  function altered({ der, issuer }: Link): Link {
    return { issuer, der: mutateDer(der, random, elements, made) };
  }

  function signed({ der, issuer }: Link): Link {
    const tree = treeOf(der);
    mutateTree(tree, random, elements, made);
    const content = sign(signedTree(tree), issuer);
    if (content !== undefined) draft.ledger.note(issuer.publicKey, content);
    return { issuer, der: derOf(tree) };
  }
}

function signedAnew(
  { chain, ledger }: Draft,
  random: Random,
  { elements }: World,
  made: (change: string) => void,
): void {
  const at = below(random, chain.length);
  const link = chain[at];
  if (link === undefined) return;
  made(`certificate ${at}`);
  const tree = treeOf(link.der);
  mutateTree(tree, random, elements, made);
  chain[at] = signedBy(tree, link.issuer, ledger) ?? { ...link, der: derOf(tree) };
}

/** Undefined where the tree is no certificate any more. */
function signedBy(tree: readonly Element[], issuer: Signer, ledger: Ledger): Link | undefined {
  const signed = sign(tree, issuer);
  if (signed === undefined) return undefined;
  ledger.note(issuer.publicKey, signed);
  return { der: derOf(tree), issuer };
}
