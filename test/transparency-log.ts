/**
 * A log of Certificate Transparency for tests, and an authority that has its certificates logged
 * before it issues them (RFC 6962 §3.1). What the log signs is put together by pkijs and Node, not
 * by the code under test.
 *
 * @module
 */

import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import * as pkijs from "pkijs";
import type { Bytes } from "../src/crypto/bytes.ts";
import type { CtLog, ListedCtLog } from "../src/tls/ct-options.ts";
import {
  type Authority,
  generateKeys,
  type Issued,
  type Keys,
  type KeyType,
  type LeafOptions,
} from "./authority.ts";
import { nothing, octets } from "./der-writer.ts";

/** What a log is asked to sign (RFC 6962 §3.2). */
export type EntryToLog =
  | { readonly certificate: Uint8Array }
  | { readonly issuerKey: Uint8Array; readonly tbsCertificate: Uint8Array };

/** What may be wrong with a timestamp, each as it stands in it. */
export interface TimestampPieces {
  /** Default: 0. */
  readonly version?: number;
  /** Default: the log's. */
  readonly logId?: Uint8Array;
  /** Milliseconds since 1970. Default: an hour ago. */
  readonly timestamp?: number;
  /** Default: none. */
  readonly extensions?: Uint8Array;
  /** The algorithm it names, and whose hash it is signed with. Default: what suits the key. */
  readonly algorithm?: number;
  /** Changes the signature. */
  readonly tamper?: (signature: Buffer) => Buffer;
}

/** A log. */
export interface TestLog {
  readonly name: string;
  readonly operator: string;
  /** SHA-256 of the key. */
  readonly id: Bytes;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Bytes;
  /** A SerializedSCT. */
  timestamp(entry: EntryToLog, pieces?: TimestampPieces): Bytes;
  /** The log as an option. */
  option(): CtLog;
  /** The log as it stands in a log list, usable. */
  listed(): ListedCtLog;
}

/** Makes a log. Its key may be one that no log has. */
export async function createLog(
  name: string,
  operator = `operator of ${name}`,
  keyType: KeyType = "ecdsa-p256",
): Promise<TestLog> {
  const keys = await generateKeys(keyType);
  const publicKey = new Uint8Array(keys.publicKey.export({ type: "spki", format: "der" }));
  const id = sha256(publicKey);
  return {
    name,
    operator,
    id,
    publicKey,
    timestamp: (entry, pieces = {}) => timestampOf(keys, id, entry, pieces),
    option: () => ({ publicKey, operator, name }),
    listed: () => ({
      description: name,
      key: Buffer.from(publicKey).toString("base64"),
      log_id: Buffer.from(id).toString("base64"),
      state: { usable: { timestamp: "2020-01-01T00:00:00Z" } },
    }),
  };
}

/** What makes timestamps of a precertificate. */
export type Logging = (entry: EntryToLog) => readonly Uint8Array[];

/** Issues a certificate with a timestamp of each log embedded; by default a right one. */
export function issueLogged(
  issuer: Authority,
  options: LeafOptions,
  logs: readonly TestLog[],
  pieces: TimestampPieces = {},
): Promise<Issued> {
  return issueWithTimestamps(issuer, options, (entry) =>
    logs.map((log) => log.timestamp(entry, pieces)),
  );
}

/**
 * Issues a certificate with timestamps: first a precertificate, which no client may take, then for
 * what it says the timestamps, then the certificate with them.
 */
export async function issueWithTimestamps(
  issuer: Authority,
  options: LeafOptions,
  logging: Logging,
): Promise<Issued> {
  const second = 1000;
  const now = Math.floor(Date.now() / second) * second;
  const day = 24 * 3600 * second;
  const same: LeafOptions = {
    serialNumber: `5c${randomBytes(8).toString("hex")}`,
    notBefore: new Date(now - day),
    notAfter: new Date(now + 30 * day),
    ...options,
    keys: options.keys ?? (await generateKeys(options.keyType)),
  };
  const extra = options.extraExtensions ?? [];
  const poison = { oid: oids.poison, critical: true, value: nothing() };
  const precertificate = await issuer.issue({ ...same, extraExtensions: [...extra, poison] });
  const timestamps = logging({
    issuerKey: issuer.keys.publicKey.export({ type: "spki", format: "der" }),
    tbsCertificate: withoutExtension(precertificate.certificate, oids.poison),
  });
  const list = { oid: oids.timestamps, value: timestampExtension(timestamps) };
  return issuer.issue({ ...same, extraExtensions: [...extra, list] });
}

/** The value of the extension that holds timestamps, in a certificate or an OCSP response. */
export function timestampExtension(timestamps: readonly Uint8Array[]): Bytes {
  return octets(timestampList(timestamps));
}

/** A SignedCertificateTimestampList (RFC 6962 §3.3). */
export function timestampList(timestamps: readonly Uint8Array[]): Bytes {
  return vector(2, Buffer.concat(timestamps.map((timestamp) => vector(2, timestamp))));
}

/**
 * What OpenSSL's `s_server` takes as `-serverinfo` to send timestamps in the handshake: a context for
 * ClientHello, ServerHello of TLS 1.2 and Certificate of TLS 1.3, and the extension as it is sent.
 */
export function serverinfoOf(timestamps: readonly Uint8Array[]): string {
  const content = Buffer.concat([
    Buffer.from([0, 0, 0x11, 0xc0, 0, 18]),
    vector(2, timestampList(timestamps)),
  ]);
  const label = "SERVERINFOV2 FOR signed_certificate_timestamp";
  const lines = content.toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Object identifiers of RFC 6962 §3.1 and §3.3. */
export const oids = {
  timestamps: "1.3.6.1.4.1.11129.2.4.2",
  poison: "1.3.6.1.4.1.11129.2.4.3",
  stapledTimestamps: "1.3.6.1.4.1.11129.2.4.5",
} as const;

/** The TBSCertificate of a certificate without one extension, written anew by pkijs. */
export function withoutExtension(certificate: Bytes, oid: string): Bytes {
  const read = pkijs.Certificate.fromBER(certificate.buffer);
  const extensions = (read.extensions ?? []).filter(({ extnID }) => extnID !== oid);
  read.extensions = extensions;
  return new Uint8Array(read.encodeTBS().toBER());
}

function timestampOf(keys: Keys, id: Bytes, entry: EntryToLog, pieces: TimestampPieces): Bytes {
  const { version = 0, logId = id, timestamp = Date.now() - 3_600_000 } = pieces;
  const { extensions = new Uint8Array(0), tamper = (same) => same } = pieces;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  const signed = Buffer.concat([
    Buffer.from([0, 0]),
    time,
    "certificate" in entry
      ? Buffer.concat([Buffer.from([0, 0]), vector(3, entry.certificate)])
      : Buffer.concat([
          Buffer.from([0, 1]),
          sha256(entry.issuerKey),
          vector(3, entry.tbsCertificate),
        ]),
    vector(2, extensions),
  ]);
  const code = pieces.algorithm ?? usualAlgorithm(keys.privateKey);
  const algorithm = Buffer.alloc(2);
  algorithm.writeUInt16BE(code);
  // HashAlgorithm (RFC 5246 §7.4.1.4.1).
  const hash = code >> 8 === 5 ? "sha384" : "sha256";
  const signature = tamper(sign(hash, signed, keys.privateKey));
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([version]),
      logId,
      time,
      vector(2, extensions),
      algorithm,
      vector(2, signature),
    ]),
  );
}

/** How a log signs (RFC 6962 §2.1.4), with HashAlgorithm and SignatureAlgorithm of RFC 5246. */
function usualAlgorithm(key: KeyObject): number {
  if (key.asymmetricKeyType === "rsa") return 0x0401;
  const { namedCurve } = createPublicKey(key).asymmetricKeyDetails ?? {};
  return namedCurve === "secp384r1" ? 0x0503 : 0x0403;
}

function vector(lengthSize: 2 | 3, content: Uint8Array): Bytes {
  const length = Buffer.alloc(lengthSize);
  length.writeUIntBE(content.length, 0, lengthSize);
  return new Uint8Array(Buffer.concat([length, content]));
}

function sha256(bytes: Uint8Array): Bytes {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
