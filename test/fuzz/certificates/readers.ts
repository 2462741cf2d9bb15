/**
 * Everything that reads certificates, keys and what belongs to them, with what it reads.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import type { Bytes } from "../../../src/crypto/bytes.ts";
import { parseAnchor } from "../../../src/x509/anchor.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { checkNameConstraints, parseNameConstraints } from "../../../src/x509/constraints.ts";
import { parseCrl } from "../../../src/x509/crl/crl.ts";
import { isAbout } from "../../../src/x509/crl/distribution-point.ts";
import { latin1 } from "../../../src/x509/der.ts";
import { readableName } from "../../../src/x509/distinguished-name.ts";
import { certificatesFromPem, publicKeyFromPem } from "../../../src/x509/pem.ts";
import { privateKeyFromPem } from "../../../src/x509/private-key.ts";
import { parsePublicKey } from "../../../src/x509/public-key.ts";
import { parseSignatureAlgorithm, signatureHash } from "../../../src/x509/signature.ts";
import {
  crlNumber,
  crlOf,
  issuingDistributionPoint,
  pointNames,
  reasonCode,
  revokedEntry,
} from "../../crls.ts";
import {
  commonName,
  element,
  extension,
  generalizedTime,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  text,
  utcTime,
} from "../../der-writer.ts";
import { readOrRefused } from "../../properties.ts";
import { ocspResponses, readOcspResponse } from "./ocsp-responses.ts";
import { checkRead } from "./oracle.ts";
import { ed25519Signer, p256Signer, rsaPrivateKey, rsaPublicKey } from "./signers.ts";

/** What is tried, with what it reads when nothing is changed. */
export interface Reader {
  readonly name: string;
  /** In DER, also where it is read from PEM. */
  readonly seeds: readonly Bytes[];
  /** Makes of DER what is read. Default: DER it is. */
  readonly write?: (der: Bytes, index: number) => Bytes;
  /** @throws TlsError where it refuses. */
  read(bytes: Bytes): unknown;
}

/** @param certificates in DER, from which the parts are taken too. */
export function createReaders(certificates: readonly Bytes[]): readonly Reader[] {
  const read = certificates.flatMap((der) => readable(der));
  const constraints = read.flatMap(({ nameConstraints }) => nameConstraints ?? []);
  const [named] = read.filter(({ subjectAltName = [] }) => subjectAltName.length > 2);
  return [
    { name: "certificate", seeds: certificates, read: readCertificate },
    { name: "anchor", seeds: certificates, read: parseAnchor },
    { name: "name", seeds: read.flatMap((one) => [one.subject, one.issuer]), read: readableName },
    {
      name: "public key",
      seeds: read.map(({ subjectPublicKeyInfo }) => subjectPublicKeyInfo),
      read: parsePublicKey,
    },
    {
      name: "signature algorithm",
      seeds: [...read.map(({ signatureAlgorithm }) => signatureAlgorithm), pssAlgorithm()],
      read(der) {
        readOrRefused(() => signatureHash(der));
        parseSignatureAlgorithm(der);
      },
    },
    {
      name: "name constraints",
      seeds: constraints,
      read(der) {
        const parsed = parseNameConstraints(der);
        if (named !== undefined) checkNameConstraints(parsed, named, "an authority", () => {});
      },
    },
    { name: "OCSP response", seeds: ocspResponses(certificates), read: readOcspResponse },
    {
      name: "CRL",
      seeds: crls(),
      read(der) {
        const { scope, revoked } = parseCrl(der);
        for (const certificate of read.slice(0, 3)) {
          isAbout(scope, certificate);
          revoked.get(certificate.serialNumber);
        }
      },
    },
    {
      name: "CRL distribution points",
      seeds: read.flatMap(({ crlDistributionPoints }) => crlDistributionPoints ?? []),
      read(crlDistributionPoints) {
        const [certificate] = read;
        const names = [{ form: "uri", text: "http://ca.example/root.crl" } as const];
        if (certificate !== undefined)
          isAbout({ names }, { ...certificate, crlDistributionPoints });
      },
    },
    {
      name: "certificates in PEM",
      seeds: certificates,
      write: (der) => pem("CERTIFICATE", der),
      read: (text) => certificatesFromPem(latin1(text)),
    },
    {
      name: "public key in PEM",
      seeds: [rsaPublicKey("key"), p256Signer("key").publicKey, ed25519Signer("key").publicKey],
      write: (der) => pem("PUBLIC KEY", der),
      read: (text) => publicKeyFromPem(latin1(text)),
    },
    {
      name: "private key in PEM",
      seeds: privateKeys().map(([, der]) => der),
      write: (der, index) => pem(privateKeys()[index]?.[0] ?? "PRIVATE KEY", der),
      read: (text) => privateKeyFromPem(latin1(text)),
    },
  ];
}

/** Reads a certificate, and all that is put off until a path is built from it. */
function readCertificate(der: Bytes): void {
  const certificate = parseCertificate(der);
  const { subject, issuer, nameConstraints = new Uint8Array() } = certificate;
  readableName(subject);
  readableName(issuer);
  readOrRefused(() => parsePublicKey(certificate.subjectPublicKeyInfo));
  readOrRefused(() => parseSignatureAlgorithm(certificate.signatureAlgorithm));
  readOrRefused(() => parseNameConstraints(nameConstraints));
  checkRead(certificate);
}

function readable(der: Bytes) {
  try {
    return [parseCertificate(der)];
  } catch {
    return [];
  }
}

/** CRLs with all that is read in them. */
function crls(): readonly Bytes[] {
  const key = Buffer.from(ed25519Signer("authority").privateKey);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const authority = {
    certificate: new Uint8Array(),
    keys: { type: "ed25519", privateKey },
  } as const;
  const date = new Date("2026-01-02T03:04:05Z");
  const times = { thisUpdate: date, nextUpdate: utcTime("491231235959Z") };
  const common = { issuer: commonName("authority"), ...times };
  const invalidityDate = extension("2.5.29.24", false, generalizedTime("20251231000000Z"));
  const revoked = [
    revokedEntry(Uint8Array.of(1), date),
    revokedEntry(Uint8Array.of(0, 0x80), date, reasonCode(1), invalidityDate),
  ];
  const names = pointNames(text(0x86, "http://ca.example/root.crl"));
  const flag = element(0x81, Uint8Array.of(0xff));
  const extensions = [crlNumber(), issuingDistributionPoint(names, flag)];
  return [crlOf(authority, common), crlOf(authority, { ...common, revoked, extensions })];
}

/** A block of PEM with lines as OpenSSL writes them. */
function pem(label: string, der: Bytes): Bytes {
  const lines = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  const text = `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Each with the label of its form. */
function privateKeys(): readonly (readonly [label: string, der: Bytes])[] {
  const rsa = rsaPrivateKey("key");
  const seed = new Uint8Array(32).fill(7);
  const inPkcs8 = (algorithm: Bytes, key: Bytes) => sequence(integer(0), algorithm, octets(key));
  return [
    ["PRIVATE KEY", p256Signer("key").privateKey],
    ["PRIVATE KEY", ed25519Signer("key").privateKey],
    ["PRIVATE KEY", inPkcs8(sequence(oid("1.2.840.113549.1.1.1"), nothing()), rsa)],
    ["PRIVATE KEY", inPkcs8(sequence(oid("1.2.840.113549.1.1.10")), rsa)],
    ["PRIVATE KEY", inPkcs8(sequence(oid("2.16.840.1.101.3.4.3.17")), element(0x80, seed))],
    ["RSA PRIVATE KEY", rsa],
    [
      "EC PRIVATE KEY",
      sequence(integer(1), octets(seed), element(0xa0, oid("1.2.840.10045.3.1.7"))),
    ],
  ];
}

/** RSASSA-PSS with SHA-256 throughout (RFC 4055 §3.1). */
function pssAlgorithm(): Bytes {
  const sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), nothing());
  const parameters = sequence(
    element(0xa0, sha256),
    element(0xa1, sequence(oid("1.2.840.113549.1.1.8"), sha256)),
    element(0xa2, integer(32)),
  );
  return sequence(oid("1.2.840.113549.1.1.10"), parameters);
}
