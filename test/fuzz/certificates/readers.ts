/**
 * Everything that reads certificates, keys and what belongs to them, with what it reads.
 *
 * @module
 */

import type { Bytes } from "../../../src/crypto/bytes.ts";
import { readLogList } from "../../../src/tls/ct-log-list.ts";
import { parseAnchor } from "../../../src/x509/anchor.ts";
import { parseCertificate } from "../../../src/x509/certificate.ts";
import { parseNameConstraints } from "../../../src/x509/constraints/parse.ts";
import { checkNameConstraints } from "../../../src/x509/constraints.ts";
import { parseCrl } from "../../../src/x509/crl/crl.ts";
import { isAbout } from "../../../src/x509/crl/distribution-point.ts";
import { readCrls } from "../../../src/x509/crl/read.ts";
import { embeddedTimestamps } from "../../../src/x509/ct/precertificate.ts";
import { parseTimestamp, parseTimestampList } from "../../../src/x509/ct/timestamp.ts";
import { latin1 } from "../../../src/x509/der.ts";
import { readableName } from "../../../src/x509/distinguished-name.ts";
import { comparableRdns, nameKey } from "../../../src/x509/name-match.ts";
import { certificatesFromPem, publicKeyFromPem } from "../../../src/x509/pem.ts";
import { privateKeyFromPem } from "../../../src/x509/private-key.ts";
import { parsePublicKey } from "../../../src/x509/public-key.ts";
import { parseSignatureAlgorithm } from "../../../src/x509/signature.ts";
import { signatureHash } from "../../../src/x509/signature-hash.ts";
import { readOrRefused } from "../../properties.ts";
import { mutateBytes, type Random } from "../mutate.ts";
import { mutateJson } from "../mutate-json.ts";
import { fullCrls } from "./crls.ts";
import { listOf, logList, pem, privateKeys, pssAlgorithm } from "./material.ts";
import type { mutateDer } from "./mutate-der.ts";
import { ocspResponses, readOcspResponse } from "./ocsp-responses.ts";
import { checkRead } from "./oracle.ts";
import { ed25519Signer, p256Signer, rsaPublicKey } from "./signers.ts";

/** What is tried, with what it reads when nothing is changed. */
export interface Reader {
  readonly name: string;
  /** In DER, also where it is read from PEM. */
  readonly seeds: readonly Bytes[];
  /** Default: changes of DER. */
  readonly mutate?: typeof mutateDer;
  /** Makes of DER what is read. Default: DER it is. */
  readonly write?: (der: Bytes, index: number) => Bytes;
  /** @throws TlsError where it refuses. */
  read(bytes: Bytes): unknown;
}

/** What there is to read, each in DER; some of it may be none. */
export interface Seeds {
  /** The parts are taken from them too. */
  readonly certificates: readonly Bytes[];
  readonly crls: readonly Bytes[];
  /** OCSP responses. */
  readonly responses: readonly Bytes[];
  /** Each a SerializedSCT (RFC 6962 §3.3). */
  readonly timestamps: readonly Bytes[];
}

export function createReaders(seeds: Seeds): readonly Reader[] {
  const { certificates, crls, responses, timestamps } = seeds;
  const read = certificates.flatMap((der) => readable(der));
  const constraints = read.flatMap(({ nameConstraints }) => nameConstraints ?? []);
  const [named] = read.filter(({ subjectAltName = [] }) => subjectAltName.length > 2);
  return [
    { name: "certificate", seeds: certificates, read: readCertificate },
    { name: "anchor", seeds: certificates, read: parseAnchor },
    {
      name: "name",
      seeds: read.flatMap((one) => [one.subject, one.issuer]),
      read(der) {
        readableName(der);
        nameKey(der);
        comparableRdns(der);
      },
    },
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
    {
      name: "CRL",
      seeds: [...fullCrls(), ...crls],
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
      name: "OCSP response",
      seeds: [...ocspResponses(certificates), ...responses],
      read: readOcspResponse,
    },
    { name: "timestamp", seeds: timestamps, mutate: mutatePlain, read: parseTimestamp },
    {
      name: "list of timestamps",
      mutate: mutatePlain,
      seeds: timestamps.map((timestamp) => listOf([timestamp, timestamp])),
      read: (list) => parseTimestampList(list).map((timestamp) => parseTimestamp(timestamp)),
    },
    {
      name: "embedded timestamps",
      seeds: read.map(({ signed }) => signed),
      read: embeddedTimestamps,
    },
    { name: "log list", seeds: [logList()], mutate: mutateJson, read: readLogs },
    {
      name: "CRL in PEM",
      seeds: crls,
      write: (der) => pem("X509 CRL", der),
      read: (text) => readCrls([latin1(text)]),
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

/**
 * Reads a certificate, and all that is put off until a path is built from it.
 *
 * @throws TlsError where the certificate itself is refused.
 */
export function readCertificate(der: Bytes): void {
  const certificate = parseCertificate(der);
  const { subject, issuer, nameConstraints = new Uint8Array() } = certificate;
  readableName(subject);
  readableName(issuer);
  readOrRefused(() => parsePublicKey(certificate.subjectPublicKeyInfo));
  readOrRefused(() => parseSignatureAlgorithm(certificate.signatureAlgorithm));
  readOrRefused(() => parseNameConstraints(nameConstraints));
  readOrRefused(() => embeddedTimestamps(certificate.signed));
  checkRead(certificate);
}

async function readLogs(json: Bytes): Promise<void> {
  await readLogList(JSON.parse(new TextDecoder().decode(json)), "logs");
}

function mutatePlain(bytes: Bytes, random: Random): Bytes {
  return mutateBytes(bytes, random, [bytes]);
}

function readable(der: Bytes) {
  try {
    return [parseCertificate(der)];
  } catch {
    return [];
  }
}
