/**
 * NIST's Public Key Interoperability Test Suite (PKITS 1.0.1): signatures, validity, names, basic
 * constraints, key usage, name constraints and private extensions, with the CRLs that belong to each
 * chain. The certificates are nobody's in particular, so no server's name and no purpose is asked for.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { platformCrypto } from "../../src/crypto/platform.ts";
import { TlsError } from "../../src/errors.ts";
import { parseAnchor } from "../../src/x509/anchor.ts";
import { notRevokedByCrls } from "../../src/x509/crl/condition.ts";
import { parseCrl } from "../../src/x509/crl/crl.ts";
import { findPath } from "../../src/x509/path-search.ts";
import { readVectors, skipWithoutVectors, vectorPath } from "./vectors.ts";

/** A case of `pkits.json`. */
interface PkitsCase {
  readonly number: string;
  readonly name: string;
  /** Names of files, from the root down. */
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly should_validate: boolean;
}

/** Where webtls and PKITS disagree, with the reason and the code that webtls gives. */
const listed: ReadonlyMap<string, { readonly reason: string; readonly code: string }> = new Map(
  ["4.1.4", "4.1.5"].map((number) => [
    number,
    {
      reason: "signatures by DSA are refused on purpose: no version of TLS that is spoken has them",
      code: "certificate/unsupported-algorithm",
    },
  ]),
);

/** The code that an invalid chain is refused with, by the number of a case or of its section. */
const codes: ReadonlyMap<string, string> = new Map([
  // Its signature counts its bits wrongly.
  ["4.1.2", "certificate/malformed"],
  ["4.1.3", "certificate/bad-signature"],
  // By DSA, as its CRL's is.
  ["4.1.6", "certificate/bad-crl"],
  ["4.2.1", "certificate/not-yet-valid"],
  ["4.2.2", "certificate/not-yet-valid"],
  ["4.2", "certificate/expired"],
  ["4.3", "certificate/unknown-issuer"],
  ["4.6.1", "certificate/not-a-ca"],
  ["4.6.2", "certificate/not-a-ca"],
  ["4.6.3", "certificate/not-a-ca"],
  ["4.6", "certificate/path-too-long"],
  // The authority's key may not sign its CRL.
  ["4.7.4", "certificate/bad-crl"],
  ["4.7.5", "certificate/bad-crl"],
  ["4.7", "certificate/wrong-key-usage"],
  ["4.13", "certificate/name-constraint"],
  ["4.16", "certificate/unknown-critical-extension"],
]);

function codeFor({ number, should_validate }: PkitsCase): string | undefined {
  if (should_validate) return undefined;
  return codes.get(number) ?? codes.get(number.replace(/\.\d+$/, "")) ?? "an expected code";
}

/** The suite's certificates are valid from 2010 to 2030. */
const now = new Date("2011-04-15T00:00:00Z");

const cases = readVectors<readonly PkitsCase[]>("pkits/pkits.json");
const folder = vectorPath("pkits");

describe("PKITS", () => {
  if (cases === undefined || folder === undefined) {
    skipWithoutVectors("pkits/pkits.json");
    return;
  }
  const read = (path: string) => new Uint8Array(readFileSync(`${folder}/${path}`));

  /** The code that a chain is refused with; undefined where it is valid. */
  async function refusal({ certs, crls }: PkitsCase): Promise<string | undefined> {
    const [root = "", ...below] = certs;
    try {
      const policy = {
        crls: crls.map((name) => parseCrl(read(`crls/${name}.crl`))),
        depth: "chain",
        allowsUnknownStatus: crls.length === 0,
      } as const;
      await findPath({
        chain: below.reverse().map((name) => read(`certs/${name}.crt`)),
        anchors: [parseAnchor(read(`certs/${root}.crt`))],
        now,
        crypto: platformCrypto,
        conditions: [notRevokedByCrls(policy, { now, crypto: platformCrypto })],
      });
      return undefined;
    } catch (error) {
      if (error instanceof TlsError) return error.code;
      throw error;
    }
  }

  test("is complete", () => {
    expect(cases).toHaveLength(85);
    const numbers = new Set(cases.map(({ number }) => number));
    expect([...listed.keys()].filter((number) => !numbers.has(number))).toEqual([]);
  });

  // Titles of two cases in the file run on into the next case, so the names are shown.
  test.each(cases.map((pkits) => [pkits.name, pkits] as const))("%s", async (_, pkits) => {
    const exception = listed.get(pkits.number);
    if (exception === undefined) {
      expect(await refusal(pkits)).toBe(codeFor(pkits));
    } else {
      // Without the CRLs, since they are signed in the same way.
      expect(await refusal({ ...pkits, crls: [] })).toBe(exception.code);
    }
  });
});
