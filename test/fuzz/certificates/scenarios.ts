/**
 * Chains that are valid, with something of all that certificates hold.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import {
  boolean,
  commonName,
  element,
  extension,
  integer,
  octets,
  oid,
  sequence,
  text,
} from "../../der-writer.ts";
import { issue, type Link } from "./issue.ts";
import { ed25519Signer, p256Signer, rsaPublicKey, type Signer } from "./signers.ts";

/** A path that verifies, unless something is changed. */
export interface Scenario {
  readonly name: string;
  readonly hostname: string;
  /** As a server presents it. */
  readonly chain: readonly [Link, ...Link[]];
  /** The certificates of those trusted. */
  readonly anchors: readonly Link[];
}

const keyUsage = (bits: number, unused: number) =>
  extension("2.5.29.15", true, element(0x03, Uint8Array.of(unused, bits)));
const serverAuth = extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1")));
const bothPurposes = extension(
  "2.5.29.37",
  false,
  sequence(oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.5.5.7.3.1")),
);
const certificateSign = keyUsage(0x06, 1);
const digitalSignature = keyUsage(0x80, 7);
const authority = (pathLength?: number) =>
  extension(
    "2.5.29.19",
    true,
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  );
const names = (...items: Bytes[]) => extension("2.5.29.17", false, sequence(...items));
const dns = (name: string) => text(0x82, name);
const ip = (...bytes: number[]) => element(0x87, Uint8Array.from(bytes));
const uri = (name: string) => text(0x86, name);
const keyIdentifier = (signer: Signer) => signer.publicKey.slice(-20);
const subjectKey = (signer: Signer) => extension("2.5.29.14", false, octets(keyIdentifier(signer)));
const authorityKey = (signer: Signer) =>
  extension("2.5.29.35", false, sequence(element(0x80, keyIdentifier(signer))));
const statusRequest = extension("1.3.6.1.5.5.7.1.24", false, sequence(integer(5)));
const places = extension(
  "1.3.6.1.5.5.7.1.1",
  false,
  sequence(
    sequence(oid("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example/")),
    sequence(oid("1.3.6.1.5.5.7.48.2"), uri("http://ca.example/middle.der")),
  ),
);
const distributionPoints = extension(
  "2.5.29.31",
  false,
  sequence(sequence(element(0xa0, element(0xa0, uri("http://ca.example/root.crl"))))),
);
const policies = extension(
  "2.5.29.32",
  false,
  sequence(
    sequence(oid("2.23.140.1.2.1")),
    sequence(
      oid("1.3.6.1.4.1.99999.1"),
      sequence(sequence(oid("1.3.6.1.5.5.7.2.1"), text(0x16, "http://ca.example/cps"))),
    ),
  ),
);
/** A SignedCertificateTimestampList (RFC 6962 §3.3) of two that nobody has signed. */
const timestamps = () => {
  const timestamp = Uint8Array.of(0, ...filled(32), ...filled(8), 0, 0, 4, 3, 0, 3, 1, 2, 3);
  const item = [0, timestamp.length, ...timestamp];
  const list = Uint8Array.of(0, item.length * 2, ...item, ...item);
  return extension("1.3.6.1.4.1.11129.2.4.2", false, octets(list));
};
const filled = (count: number) => Array.from({ length: count }, (_, index) => index);

const directoryName = (value: string) => element(0xa4, commonName(value));
const nameConstraints = extension(
  "2.5.29.30",
  true,
  sequence(
    element(
      0xa0,
      ...[dns("example"), ip(192, 0, 2, 0, 255, 255, 255, 0)].map((base) => sequence(base)),
    ),
    element(0xa1, sequence(dns("bad.example")), sequence(text(0x81, "x@bad.example"))),
  ),
);

/** A Name with several attributes, one of them of two in a set. */
const fullName = (value: string) =>
  sequence(
    element(0x31, sequence(oid("2.5.4.6"), text(0x13, "DE"))),
    element(
      0x31,
      sequence(oid("2.5.4.10"), text(0x0c, "Example")),
      sequence(oid("2.5.4.11"), text(0x0c, "Tests of  Paths")),
    ),
    element(0x31, sequence(oid("2.5.4.3"), text(0x13, value))),
  );

/** All of them, the same in every run. */
export function createScenarios(): readonly [Scenario, ...Scenario[]] {
  const root = ed25519Signer("root");
  const otherRoot = p256Signer("other root");
  const middle = ed25519Signer("middle");
  const lower = ed25519Signer("lower");
  const leafKey = p256Signer("leaf").publicKey;

  const rootLink = selfIssued(root, [authority(), certificateSign, subjectKey(root)]);
  const otherRootLink = selfIssued(otherRoot, [authority(1), certificateSign, nameConstraints]);
  const middleLink = below(root, middle, [
    ...[authority(1), certificateSign, subjectKey(middle), authorityKey(root)],
    ...[places, distributionPoints, policies],
  ]);
  const crossLink = below(otherRoot, middle, [authority(), certificateSign, serverAuth]);
  const lowerLink = below(middle, lower, [authority(0), certificateSign, nameConstraints]);
  const leaf = (issuer: Signer, subject: Bytes, publicKey: Bytes, extensions: readonly Bytes[]) =>
    issue({ issuer, subject, publicKey, serial: [0x7f, 1, 2, 3, 4, 5, 6, 7], extensions });

  const plain = leaf(root, commonName("a.example"), leafKey, [names(dns("a.example")), serverAuth]);
  const rich = leaf(middle, fullName("a.example"), leafKey, [
    ...[extension("2.5.29.19", true, sequence()), digitalSignature, bothPurposes],
    ...[names(dns("a.example"), dns("*.b.example"), ip(192, 0, 2, 1), directoryName("x"))],
    ...[subjectKey(lower), authorityKey(middle), places, distributionPoints, policies],
    ...[statusRequest, timestamps()],
  ]);
  const constrained = leaf(lower, commonName("a.example"), rsaPublicKey("leaf"), [
    ...[digitalSignature, serverAuth],
    names(dns("a.example"), uri("https://a.example/")),
  ]);
  const addressed = leaf(middle, commonName("192.0.2.1"), ed25519Signer("leaf").publicKey, [
    names(ip(192, 0, 2, 1), ip(...filled(16))),
  ]);
  return [
    {
      name: "a root and a leaf",
      hostname: "a.example",
      chain: [plain],
      anchors: [rootLink],
    },
    {
      name: "all extensions",
      hostname: "x.b.example",
      chain: [rich, middleLink],
      anchors: [otherRootLink, rootLink],
    },
    {
      name: "name constraints",
      hostname: "a.example",
      chain: [constrained, lowerLink, middleLink],
      anchors: [rootLink],
    },
    {
      name: "cross-signed",
      hostname: "192.0.2.1",
      chain: [addressed, crossLink, middleLink, rootLink],
      anchors: [rootLink, otherRootLink],
    },
  ];
}

function selfIssued(signer: Signer, extensions: readonly Bytes[]): Link {
  const subject = commonName(signer.name);
  return issue({ issuer: signer, subject, publicKey: signer.publicKey, extensions });
}

function below(issuer: Signer, subject: Signer, extensions: readonly Bytes[]): Link {
  const { name, publicKey } = subject;
  return issue({ issuer, subject: commonName(name), publicKey, extensions });
}
