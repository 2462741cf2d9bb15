/**
 * Verification of paths that were changed, and the verdict about it.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../../src/crypto/bytes.ts";
import { platformCrypto } from "../../../src/crypto/platform.ts";
import type { CryptoProvider } from "../../../src/crypto/provider.ts";
import { parseAnchor } from "../../../src/x509/anchor.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { serverNameFrom } from "../../../src/x509/names.ts";
import { pathLimits, verifyPath } from "../../../src/x509/path.ts";
import { isRefusal } from "../../properties.ts";
import { type Execute, Finding, type Trial } from "../campaign.ts";
import { below } from "../mutate.ts";
import { type Draft, draftOf, mutateDraft, type World } from "./draft.ts";
import { checkEvidence, conditionsOf } from "./evidence.ts";
import { inBounds } from "./in-bounds.ts";
import { type Ledger, now, signedPartOf } from "./issue.ts";
import { checkAccepted } from "./oracle.ts";
import type { Scenario } from "./scenarios.ts";

const none = new Uint8Array(0);

/** @throws where a path that is unchanged ends otherwise than it should. */
export async function verifying(world: World): Promise<Execute> {
  const { scenarios, ledger } = world;
  for (const scenario of scenarios) {
    const { name, refusal = "accepted" } = scenario;
    const trial = { scenario: name, changes: [] };
    const end = await verify(draftOf(scenario, ledger), scenario, trial);
    if (end !== refusal) throw new Error(`"${name}" ends unchanged with ${end}, not ${refusal}`);
  }
  const accepted = scenarios.filter(({ refusal }) => refusal === undefined);
  return (random, trial) => {
    const list = random() < 0.5 ? accepted : scenarios;
    const scenario = list[below(random, list.length)] ?? scenarios[0];
    const draft = draftOf(scenario, ledger);
    const changes: string[] = [];
    Object.assign(trial, { scenario: scenario.name, changes });
    mutateDraft(draft, random, world, (change) => void changes.push(change));
    return verify(draft, scenario, trial);
  };
}

/** @returns `"accepted"`, or the code of the refusal. */
async function verify(draft: Draft, scenario: Scenario, trial: Trial): Promise<string> {
  const { evidence, ledger } = draft;
  const { hostname } = scenario;
  const chain = draft.chain.map(({ der }) => der);
  const { crls, ocsp } = evidence;
  trial.input = [...draft.chain, ...draft.anchors, ...crls, ...(ocsp ? [ocsp] : [])].map(
    ({ der }) => der,
  );
  try {
    const anchors = draft.anchors.map(({ der }) => parseAnchor(der));
    const path = await inBounds(() => {
      const crypto = boundedCrypto();
      const conditions = conditionsOf(evidence, crypto);
      const serverName = serverNameFrom(hostname);
      return verifyPath({ chain, anchors, serverName, now, crypto, conditions });
    });
    const { certificates, anchor } = path;
    const [leaf = none] = certificates;
    if (!equalPublic(leaf, chain[0] ?? none)) {
      throw new Finding("the leaf is not the one presented");
    }
    if (!anchors.includes(anchor)) throw new Finding("the path ends where nobody is trusted");
    const above = certificates.slice(1).map((der) => parseCertificate(der).subjectPublicKeyInfo);
    const issuerKeys = [...above, anchor.subjectPublicKeyInfo];
    checkSigned(certificates, issuerKeys, ledger);
    checkAccepted({ certificates, hostname, now });
    checkEvidence(path, issuerKeys, evidence, scenario.evidence ?? { crls: [] }, ledger);
    return "accepted";
  } catch (error) {
    if (isRefusal(error)) return error.code;
    throw error instanceof Finding ? error : new Finding("an untyped error", error);
  }
}

/** The platform's cryptography, as long as no more is asked of it than is allowed for a path. */
function boundedCrypto(): CryptoProvider {
  let left: number = pathLimits.signatures;
  return {
    ...platformCrypto,
    verifySignature(...args) {
      left -= 1;
      if (left < 0) throw new Finding("more signatures were verified than are allowed");
      return platformCrypto.verifySignature(...args);
    },
  };
}

/** Whatever a certificate says: its issuer's key has signed it, to the byte. */
function checkSigned(
  certificates: readonly Bytes[],
  issuerKeys: readonly Bytes[],
  ledger: Ledger,
): void {
  for (const [index, key] of issuerKeys.entries()) {
    if (!ledger.has(key, signedPartOf(certificates[index] ?? new Uint8Array()))) {
      throw new Finding(`nobody has signed certificate ${index} of the path`);
    }
  }
}
