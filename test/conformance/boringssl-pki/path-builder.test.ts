/**
 * The certificates of BoringSSL's path builder: which path is found among several, whatever the order
 * they come in. Its anchors are names and keys; what its builder can be told beyond that is left out.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Bytes } from "../../../src/crypto/bytes.ts";
import { platformCrypto } from "../../../src/crypto/platform.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { findPath } from "../../../src/x509/path-search.ts";
import { certificatesFromPem } from "../../../src/x509/pem.ts";
import { failureOf } from "../../failure.ts";
import { skipWithoutVectors, vectorPath } from "../vectors.ts";

/** A search. Certificates are files without their ending, with `#n` for the nth of a file. */
interface Search {
  readonly target: string;
  readonly anchors: readonly string[];
  readonly others?: readonly string[];
  /** Default: the 1st of March 2017. */
  readonly now?: string;
}

const path = "boringssl-pki";
const folder = vectorPath(path);

function read(name: string): Bytes {
  const [file = "", number = "0"] = name.split("#");
  // Some hold a private key beside.
  const pem = readFileSync(`${folder}/${file}.pem`, "utf8").match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  const [certificate] = certificatesFromPem(pem?.[Number(number)] ?? "");
  if (certificate === undefined) throw new Error(`there is no ${name}`);
  return certificate;
}

function find({ target, anchors, others = [], now = "2017-03-01" }: Search) {
  return findPath({
    chain: [target, ...others].map(read),
    anchors: anchors.map((name) => {
      const { subject, subjectPublicKeyInfo } = parseCertificate(read(name));
      return { subject, subjectPublicKeyInfo };
    }),
    now: new Date(now),
    crypto: platformCrypto,
  });
}

/** Both orders of what is presented beside the target. */
const orders = (search: Search): Search[] => [
  search,
  { ...search, others: [...(search.others ?? [])].reverse() },
];

const root = (letters: string) => `path_builder_unittest/multi-root-${letters}`;
const [aByB, bByC, bByF] = ["A-by-B", "B-by-C", "B-by-F"].map(root) as [string, string, string];
const [cByD, cByE, dByD] = ["C-by-D", "C-by-E", "D-by-D"].map(root) as [string, string, string];
const [eByE, fByE] = ["E-by-E", "F-by-E"].map(root) as [string, string];
const among = (suite: string, names: readonly string[]) =>
  names.map((name) => `path_builder_unittest/${suite}/${name}`);
const rollover = (file: string) => `verify_certificate_chain_unittest/key-rollover/${file}`;

const valid: readonly [name: string, Search, path: readonly string[]][] = [
  ["the target has the name and key of an anchor", { target: aByB, anchors: [aByB, bByF] }, [aByB]],
  ["the target is a self-signed anchor", { target: eByE, anchors: [eByE, fByE] }, [eByE]],
  ["an anchor has issued the target", { target: aByB, anchors: [bByF] }, [aByB]],
  [
    "an anchor is presented too",
    { target: aByB, anchors: [dByD, cByD], others: [bByC, cByD] },
    [aByB, bByC],
  ],
  [
    "another way leads nowhere",
    { target: aByB, anchors: [dByD], others: [bByF, fByE, bByC, cByD] },
    [aByB, bByC, cByD],
  ],
  [
    "several ways lead nowhere",
    { target: aByB, anchors: [dByD], others: [bByC, bByF, fByE, cByD, cByE] },
    [aByB, bByC, cByD],
  ],
  [
    "the old root is trusted after a change of keys",
    {
      target: rollover("rolloverchain"),
      anchors: [rollover("oldchain#2")],
      others: [rollover("rolloverchain#1"), rollover("rolloverchain#2")],
      now: "2015-03-02",
    },
    ["rolloverchain#0", "rolloverchain#1", "rolloverchain#2"].map(rollover),
  ],
  [
    "both roots are trusted after a change of keys",
    {
      target: rollover("rolloverchain"),
      anchors: [rollover("oldchain#2"), rollover("newchain#2")],
      others: [rollover("rolloverchain#1"), rollover("rolloverchain#2")],
      now: "2015-03-02",
    },
    ["rolloverchain#0", "rolloverchain#1"].map(rollover),
  ],
];

const suites: readonly [suite: string, root: string, others: readonly string[]][] = [
  ["validity_date_prioritization", "root", ["int_ac", "int_ad", "int_bc", "int_bd"]],
  [
    "key_id_prioritization",
    "root",
    ["a", "b", "c"].flatMap((letter) =>
      ["matching", "no", "different"].map((kind) => `int_${kind}_ski_${letter}`),
    ),
  ],
  [
    "key_id_name_and_serial_prioritization",
    "root",
    ["int_matching", "int_match_name_only", "int_mismatch"],
  ],
  ["self_issued_prioritization", "root2", ["root1", "root1_cross"]],
];

const invalid: readonly [name: string, Search, code: string][] = [
  [
    "the target itself is the anchor, but issued by another",
    { target: aByB, anchors: [aByB] },
    "certificate/unknown-issuer",
  ],
  [
    "an intermediate is not yet valid",
    { target: bByC, anchors: [dByD], others: [dByD, cByD], now: "2016-01-01" },
    "certificate/not-yet-valid",
  ],
  [
    "there is no anchor",
    { target: aByB, anchors: [], others: [bByF, fByE] },
    "certificate/unknown-issuer",
  ],
  [
    "two ways lead nowhere",
    { target: aByB, anchors: [], others: [bByF, fByE, bByC, cByD] },
    "certificate/unknown-issuer",
  ],
  [
    "the target is a precertificate (RFC 6962 §3.1)",
    {
      target: "path_builder_unittest/precertificate/precertificate",
      anchors: ["path_builder_unittest/precertificate/root"],
      now: "2023-10-01",
    },
    "certificate/unknown-critical-extension",
  ],
  [
    "it takes Merkle tree certificates, which are a draft",
    {
      target: "path_builder_unittest/mtc_plants04/leaf",
      anchors: [],
      others: ["path_builder_unittest/mtc_plants04/mtc-ica"],
      now: "2026-01-01",
    },
    "certificate/unknown-issuer",
  ],
];

describe.skipIf(folder === undefined)("BoringSSL's path builder", () => {
  test.each(valid)("finds a path where %s", async (_, search, expected) => {
    for (const order of orders(search)) {
      const found = await find(order);
      expect(found.certificates.map(({ der }) => der)).toEqual(expected.map(read));
    }
  });

  test.each(suites)("%s: any order leads to the root", async (suite, rootName, names) => {
    const [target = "", anchor = ""] = among(suite, ["target", rootName]);
    for (const search of orders({ target, anchors: [anchor], others: among(suite, names) })) {
      expect((await find(search)).certificates.length).toBeLessThanOrEqual(3);
      const failure = await failureOf(() => find({ ...search, anchors: [] }));
      expect(failure.code).toMatch(/^certificate\/(unknown-issuer|bad-signature)$/);
    }
  });

  test.each(invalid)("finds none where %s", async (_, search, code) => {
    for (const order of orders(search)) {
      expect((await failureOf(() => find(order))).code).toBe(code);
    }
  });
});

if (folder === undefined) skipWithoutVectors(path);
