/**
 * BoringSSL's chain corpus: chains of one path, and whether it is valid for some purpose. Servers'
 * names are not asked for.
 */

import { describe, expect, test } from "vitest";
import { platformCrypto } from "../../../src/crypto/platform.ts";
import { TlsError } from "../../../src/errors.ts";
import { parseAnchor, type TrustAnchor } from "../../../src/x509/anchor.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import {
  checkEnd,
  checkIsNoAuthority,
  checkLeaf,
  serverAuth,
} from "../../../src/x509/path-checks.ts";
import { findPath, type PathTarget } from "../../../src/x509/path-search.ts";
import { parsePublicKey } from "../../../src/x509/public-key.ts";
import { skipWithoutVectors, vectorPath } from "../vectors.ts";
import { type ChainCase, readChainCases } from "./chain-case.ts";
import { disagreements } from "./disagreements.ts";

const clientAuth = "1.3.6.1.5.5.7.3.2";

/** What a certificate is asked to be good for. Strictness has no equivalent. */
function targetFor(purpose: string): PathTarget {
  if (purpose.startsWith("SERVER_AUTH")) {
    return { purpose: serverAuth, checkFirst: checkLeaf, checkLast: checkIsNoAuthority };
  }
  return purpose.startsWith("CLIENT_AUTH") ? { purpose: clientAuth } : {};
}

/** A root is a name and a key, or a certificate with all its limits. */
function anchorsFor({ chain, trust }: ChainCase): TrustAnchor[] {
  const root = chain.at(-1);
  if (root === undefined || !trust.startsWith("TRUSTED_ANCHOR")) return [];
  if (trust !== "TRUSTED_ANCHOR") return [parseAnchor(root)];
  const { subject, subjectPublicKeyInfo } = parseCertificate(root);
  return [{ subject, subjectPublicKeyInfo }];
}

/** As a server's certificate is held against the option `exactCertificates`. */
function verifyTrustedLeaf({ chain: [der], now, purpose }: ChainCase): void {
  const leaf = parseCertificate(der ?? new Uint8Array());
  parsePublicKey(leaf.subjectPublicKeyInfo);
  if (purpose.startsWith("SERVER_AUTH")) checkLeaf(leaf, now);
  else checkEnd(leaf, now, targetFor(purpose).purpose);
}

async function verify(chainCase: ChainCase): Promise<void> {
  const { chain, trust, purpose, now } = chainCase;
  if (chain.length === 1 && trust.includes("LEAF")) {
    verifyTrustedLeaf(chainCase);
    return;
  }
  const presented = chain.length === 1 ? chain : chain.slice(0, -1);
  const anchors = anchorsFor(chainCase);
  await findPath({ chain: presented, anchors, now, crypto: platformCrypto }, targetFor(purpose));
}

async function refusalOf(chainCase: ChainCase): Promise<TlsError | undefined> {
  try {
    await verify(chainCase);
    return undefined;
  } catch (error) {
    if (error instanceof TlsError) return error;
    throw error;
  }
}

const path = "boringssl-pki/verify_certificate_chain_unittest";
const folder = vectorPath(path);

describe("BoringSSL's chains", () => {
  if (folder === undefined) {
    skipWithoutVectors(path);
    return;
  }
  const cases = readChainCases(folder);

  test("are complete", () => {
    expect(cases).toHaveLength(197);
    const ids = new Set(cases.map(({ id }) => id));
    const listed = [...disagreements.keys()].filter((id) => !id.startsWith("name constraints: "));
    expect(listed.filter((id) => !ids.has(id))).toEqual([]);
  });

  test.each(cases.map((chainCase) => [chainCase.id, chainCase] as const))("%s", async (id, one) => {
    const refusal = await refusalOf(one);
    if (disagreements.has(id)) expect(refusal === undefined).toBe(!one.isValid);
    else expect(refusal?.message).toEqual(one.isValid ? undefined : expect.any(String));
  });
});
