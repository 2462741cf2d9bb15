/**
 * Chains with something of all that certificates hold: such as verify, and such as never may.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import type { TlsErrorCode } from "../../../src/errors.ts";
import { commonName, extension, generalizedTime, oid, sequence, text } from "../../der-writer.ts";
import { crlBy, type Evidence, ocspBy } from "./evidence.ts";
import { issue, type Link, type Request } from "./issue.ts";
import {
  allNameConstraints,
  authority,
  authorityKey,
  bothPurposes,
  certificateSign,
  digitalSignature,
  directoryName,
  distributionPoints,
  dns,
  filled,
  fullName,
  ip,
  nameConstraints,
  names,
  places,
  policies,
  serverAuth,
  statusRequest,
  subjectKey,
  timestamps,
  uri,
} from "./pieces.ts";
import { ed25519Signer, p256Signer, rsaPublicKey, type Signer } from "./signers.ts";

/** A path, and what comes of it unless something is changed. */
export interface Scenario {
  readonly name: string;
  readonly hostname: string;
  /** As a server presents it. */
  readonly chain: readonly [Link, ...Link[]];
  /** The certificates of those trusted. */
  readonly anchors: readonly Link[];
  /** What is said of it beside. Default: nothing, and nobody asks. */
  readonly evidence?: Evidence;
  /** Default: it is accepted. */
  readonly refusal?: TlsErrorCode;
}

/** All of them, the same in every run. */
export function createScenarios(): readonly [Scenario, ...Scenario[]] {
  const anchors = [rootLink, otherRootLink];
  const atHost = { hostname: "a.example", anchors };
  return [
    { ...atHost, name: "a root and a leaf", chain: [leaf(root, [names(dns("a.example"))])] },
    { ...atHost, name: "all extensions", hostname: "x.b.example", chain: [rich(), middleLink] },
    { ...atHost, name: "name constraints", chain: [constrained(), lowerLink, middleLink] },
    {
      name: "cross-signed",
      hostname: "192.0.2.1",
      chain: [addressed(), crossLink, middleLink, rootLink],
      anchors,
    },
    ...createJudged().map((one) => ({ ...atHost, ...one })),
    ...createRefused().map((one) => ({ ...atHost, ...one })),
  ];
}

/** Such as CRLs and OCSP speak of, well or ill. */
function createJudged(): Omit<Scenario, "hostname" | "anchors">[] {
  const judged = leaf(middle, [names(dns("a.example"))]);
  const chain: [Link, ...Link[]] = [judged, middleLink];
  const above = crlBy(root, rootLink, [Uint8Array.of(9)]);
  const crls = (serial: Bytes) => [crlBy(middle, middleLink, [serial, Uint8Array.of(7)]), above];
  const ocsp = (status: "good" | "revoked") => ocspBy(middle, middleLink, judged, status);
  return [
    { name: "on no CRL", chain, evidence: { crls: crls(Uint8Array.of(5)) } },
    {
      name: "on a CRL",
      chain,
      evidence: { crls: crls(leafSerial) },
      refusal: "certificate/revoked",
    },
    { name: "good by OCSP", chain, evidence: { crls: [], ocsp: ocsp("good") } },
    {
      name: "revoked by OCSP",
      chain,
      evidence: { crls: [], ocsp: ocsp("revoked") },
      refusal: "certificate/revoked",
    },
  ];
}

type Refused = Required<Pick<Scenario, "name" | "chain" | "refusal">>;

/** Each with one thing at fault, which a change may cure or hide. */
function createRefused(): Refused[] {
  const named = names(dns("a.example"));
  const past = sequence(generalizedTime("20240101000000Z"), generalizedTime("20251231235959Z"));
  const future = sequence(generalizedTime("20260101000001Z"), generalizedTime("20270101000000Z"));
  const alone = (...extensions: Bytes[]): [Link, ...Link[]] => [leaf(root, extensions)];
  const throughMiddle = (...extensions: Bytes[]): [Link, ...Link[]] => [
    leaf(middle, [named]),
    below(root, middle, extensions),
  ];
  return [
    {
      name: "an expired leaf",
      chain: [leaf(root, [named], { validity: past })],
      refusal: "certificate/expired",
    },
    {
      name: "an intermediate of tomorrow",
      chain: [leaf(middle, [named]), below(root, middle, [authority()], { validity: future })],
      refusal: "certificate/not-yet-valid",
    },
    {
      name: "another name",
      chain: alone(names(dns("b.example"), dns("*.a.example"))),
      refusal: "certificate/wrong-name",
    },
    {
      name: "a leaf of an unknown issuer",
      chain: [leaf(ed25519Signer("nobody"), [named])],
      refusal: "certificate/unknown-issuer",
    },
    {
      name: "a name outside of the constraints",
      chain: [leaf(lower, [names(dns("a.example"), dns("a.bad.example"))]), lowerLink, middleLink],
      refusal: "certificate/name-constraint",
    },
    {
      name: "a leaf for clients",
      chain: alone(named, extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.2")))),
      refusal: "certificate/wrong-purpose",
    },
    {
      name: "a critical extension that nobody knows",
      chain: alone(named, extension("1.3.6.1.4.1.99999.2", true, sequence())),
      refusal: "certificate/unknown-critical-extension",
    },
    {
      name: "a leaf that has issued",
      chain: throughMiddle(digitalSignature),
      refusal: "certificate/not-a-ca",
    },
    {
      name: "an authority that may not issue",
      chain: throughMiddle(authority(), digitalSignature),
      refusal: "certificate/wrong-key-usage",
    },
    {
      name: "a path that is too long",
      chain: [leaf(lower, [named]), lowerLink, below(root, middle, [authority(0)])],
      refusal: "certificate/path-too-long",
    },
  ];
}

const leafSerial = Uint8Array.of(0x7f, 1, 2, 3, 4, 5, 6, 7);

const root = ed25519Signer("root");
const otherRoot = p256Signer("other root");
const middle = ed25519Signer("middle");
const lower = ed25519Signer("lower");

const rootLink = below(root, root, [authority(), certificateSign, subjectKey(root)]);
const otherRootLink = below(otherRoot, otherRoot, [authority(1), certificateSign, nameConstraints]);
const crossLink = below(otherRoot, middle, [authority(), certificateSign, serverAuth]);
const lowerLink = below(middle, lower, [authority(0), certificateSign, allNameConstraints]);
const middleLink = below(root, middle, [
  ...[authority(1), certificateSign, subjectKey(middle), authorityKey(root)],
  ...[places, distributionPoints, policies],
]);

const rich = () =>
  leaf(
    middle,
    [
      ...[extension("2.5.29.19", true, sequence()), digitalSignature, bothPurposes],
      ...[names(dns("a.example"), dns("*.b.example"), ip(192, 0, 2, 1), directoryName("x"))],
      ...[subjectKey(lower), authorityKey(middle), places, distributionPoints, policies],
      ...[statusRequest, timestamps()],
    ],
    { subject: fullName("a.example") },
  );

const constrained = () =>
  leaf(
    lower,
    [
      digitalSignature,
      serverAuth,
      names(dns("a.example"), uri("https://a.example/"), text(0x81, "x@example")),
    ],
    {
      publicKey: rsaPublicKey("leaf"),
    },
  );

const addressed = () =>
  leaf(middle, [names(ip(192, 0, 2, 1), ip(...filled(16)))], {
    publicKey: ed25519Signer("leaf").publicKey,
  });

function leaf(issuer: Signer, extensions: readonly Bytes[], others: Partial<Request> = {}): Link {
  return issue({
    issuer,
    subject: commonName("a.example"),
    publicKey: p256Signer("leaf").publicKey,
    serial: [...leafSerial],
    extensions,
    ...others,
  });
}

function below(
  issuer: Signer,
  { name, publicKey }: Signer,
  extensions: readonly Bytes[],
  others: Partial<Request> = {},
): Link {
  return issue({ issuer, subject: commonName(name), publicKey, extensions, ...others });
}
