/**
 * Verification of paths that were changed, and the verdict about it.
 *
 * @module
 */

import { platformCrypto } from "../../../src/crypto/platform.ts";
import type { CryptoProvider } from "../../../src/crypto/provider.ts";
import { parseAnchor } from "../../../src/x509/anchor.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { serverNameFrom } from "../../../src/x509/names.ts";
import { pathLimits, type VerifiedPath, verifyPath } from "../../../src/x509/path.ts";
import { isRefusal } from "../../properties.ts";
import { type Execute, Finding, type Trial } from "../campaign.ts";
import { below } from "../mutate.ts";
import { type Draft, mutateDraft, type World } from "./draft.ts";
import { inBounds } from "./in-bounds.ts";
import { Ledger, now, signedPartOf } from "./issue.ts";
import { checkAccepted } from "./oracle.ts";

/** @throws where a path that is unchanged ends otherwise than it should. */
export async function verifying(world: World): Promise<Execute> {
  const { scenarios, ledger } = world;
  for (const { name, hostname, chain, anchors, refusal = "accepted" } of scenarios) {
    const draft = { chain: [...chain], anchors: [...anchors], ledger };
    const end = await verify(draft, hostname, { scenario: name, changes: [] });
    if (end !== refusal) throw new Error(`"${name}" ends unchanged with ${end}, not ${refusal}`);
  }
  const accepted = scenarios.filter(({ refusal }) => refusal === undefined);
  return (random, trial) => {
    const list = random() < 0.5 ? accepted : scenarios;
    const { name, hostname, chain, anchors } = list[below(random, list.length)] ?? scenarios[0];
    const draft = { chain: [...chain], anchors: [...anchors], ledger: new Ledger(ledger) };
    const changes: string[] = [];
    Object.assign(trial, { scenario: name, changes });
    mutateDraft(draft, random, world, (change) => void changes.push(change));
    return verify(draft, hostname, trial);
  };
}

/** @returns `"accepted"`, or the code of the refusal. */
async function verify(draft: Draft, hostname: string, trial: Trial): Promise<string> {
  const chain = draft.chain.map(({ der }) => der);
  trial.input = [...chain, ...draft.anchors.map(({ der }) => der)];
  try {
    const anchors = draft.anchors.map(({ der }) => parseAnchor(der));
    const options = { chain, anchors, serverName: serverNameFrom(hostname), now };
    const path = await inBounds(() => verifyPath({ ...options, crypto: boundedCrypto() }));
    if (path.certificates[0] !== chain[0]) throw new Finding("the leaf is not the one presented");
    if (!anchors.includes(path.anchor)) throw new Finding("the path ends where nobody is trusted");
    checkSigned(path, draft.ledger);
    checkAccepted({ certificates: path.certificates, hostname, now });
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
function checkSigned({ certificates, anchor }: VerifiedPath, ledger: Ledger): void {
  for (const [index, der] of certificates.entries()) {
    const above = certificates[index + 1];
    const { subjectPublicKeyInfo } = above === undefined ? anchor : parseCertificate(above);
    if (!ledger.has(subjectPublicKeyInfo, signedPartOf(der))) {
      throw new Finding(`nobody has signed certificate ${index} of the path`);
    }
  }
}
