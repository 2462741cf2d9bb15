/**
 * Logs of Certificate Transparency that are trusted, and whether one of them has made a timestamp
 * (RFC 6962).
 *
 * @module
 */

import { type Bytes, toHex } from "../../crypto/bytes.ts";
import type { CryptoProvider, PublicKey, SignatureAlgorithm } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { signatureCost } from "../path-budget.ts";
import { verifySignature } from "../signature.ts";
import { type LogEntry, parseTimestamp, signedContent } from "./timestamp.ts";

/** A log that counts. */
export interface TransparencyLog extends LogName, LogLimits {
  readonly publicKey: PublicKey;
}

/** A log that is known not to count. */
export interface UnusableLog extends LogName {
  /** Why nothing it says counts, a clause about it. */
  readonly unusable: string;
}

export type KnownLog = TransparencyLog | UnusableLog;

interface LogName {
  /** SHA-256 of its SubjectPublicKeyInfo. */
  readonly id: Bytes;
  readonly name: string;
  readonly operator: string;
}

/** What a log is good for. Times are in milliseconds since 1970. */
export interface LogLimits {
  /** Its timestamps from then on do not count, and earlier ones only where they are embedded. */
  readonly retiredAt?: number;
  /** It takes only certificates that end then or later. */
  readonly expiryFrom?: number;
  /** It takes only certificates that end earlier than that. */
  readonly expiryUntil?: number;
}

/** The logs, by the hexadecimal of their id. */
export type TransparencyLogs = ReadonlyMap<string, KnownLog>;

/** How a timestamp came (RFC 6962 §3.3). */
export type TimestampDelivery = "embedded" | "stapled" | "handshake";

/** A timestamp as it came, with what it has to be for. */
export interface PresentedTimestamp {
  readonly delivery: TimestampDelivery;
  /** A SerializedSCT. */
  readonly sct: Bytes;
  readonly entry: LogEntry;
}

/** What timestamps are judged by. */
export interface TimestampCheck {
  readonly logs: TransparencyLogs;
  /** Milliseconds since 1970, as is the next. */
  readonly now: number;
  /** The end of the certificate's validity. */
  readonly notAfter: number;
  readonly crypto: CryptoProvider;
  /** Told before a signature is verified: how many usual ones it stands for. */
  spend(signatures: number): void;
}

/** Why a timestamp does not count. */
export type TimestampFault =
  | "malformed"
  | "unknown-version"
  | "unknown-log"
  | "unusable-log"
  | "in-future"
  | "log-retired"
  | "outside-interval"
  | "bad-signature";

/** What has come of a timestamp. */
export type TimestampVerdict =
  | { readonly log: TransparencyLog }
  /** `reason`: a clause about it. */
  | { readonly fault: TimestampFault; readonly reason: string };

/**
 * Judges one timestamp. What is wrong with it is no error: it does not count then.
 *
 * @throws what `spend` throws.
 */
export async function judgeTimestamp(
  { delivery, sct, entry }: PresentedTimestamp,
  check: TimestampCheck,
): Promise<TimestampVerdict> {
  const parsed = readable(sct);
  if (parsed === undefined) return fault("malformed", "it can't be read");
  if ("unknownVersion" in parsed) {
    return fault("unknown-version", `it is of version ${parsed.unknownVersion + 1}`);
  }
  const id = toHex(parsed.logId);
  const log = check.logs.get(id);
  if (log === undefined) return fault("unknown-log", `the log ${id} is not among those given`);
  const { timestamp } = parsed;
  const about = (reason: string) => `${log.name} ${reason}`;
  if ("unusable" in log) return fault("unusable-log", about(log.unusable));
  if (timestamp > check.now) return fault("in-future", about("dates it in the future"));
  if (log.retiredAt !== undefined && (timestamp >= log.retiredAt || delivery !== "embedded")) {
    return fault("log-retired", about(`is retired since ${moment(log.retiredAt)}`));
  }
  const { expiryFrom = -Infinity, expiryUntil = Infinity } = log;
  if (check.notAfter < expiryFrom || check.notAfter >= expiryUntil) {
    return fault("outside-interval", about("is for certificates that end at other times"));
  }
  const algorithm = algorithms.get(parsed.algorithm);
  if (algorithm === undefined || !goesWith(algorithm, log.publicKey)) {
    return fault("bad-signature", about("signs in another way"));
  }
  check.spend(signatureCost(log.publicKey));
  const isSigned = await verifySignature(
    check.crypto,
    algorithm.algorithm,
    log.publicKey,
    parsed.signature,
    signedContent(parsed, entry),
  );
  return isSigned ? { log } : fault("bad-signature", about("did not sign it for this certificate"));
}

/** A way that logs sign in. */
interface LogAlgorithm {
  readonly algorithm: SignatureAlgorithm;
  readonly curve?: "P-256" | "P-384";
}

/**
 * By {@link SignedCertificateTimestamp.algorithm}. RFC 6962 §2.1.4 has logs sign by P-256 or RSA,
 * with SHA-256. Those with SHA-384 are taken besides, as rustls does: private logs may have them.
 */
const algorithms: ReadonlyMap<number, LogAlgorithm> = new Map([
  [0x0401, { algorithm: { kind: "rsa-pkcs1", hash: "SHA-256" } }],
  [0x0501, { algorithm: { kind: "rsa-pkcs1", hash: "SHA-384" } }],
  [0x0403, { algorithm: { kind: "ecdsa", hash: "SHA-256" }, curve: "P-256" }],
  [0x0503, { algorithm: { kind: "ecdsa", hash: "SHA-384" }, curve: "P-384" }],
]);

/** Whether a log may have such a key. */
export function isLogKey(key: PublicKey): boolean {
  return [...algorithms.values()].some((algorithm) => goesWith(algorithm, key));
}

function goesWith({ curve }: LogAlgorithm, key: PublicKey): boolean {
  return curve === undefined ? key.kind === "rsa" : key.kind === "ec" && key.curve === curve;
}

function readable(sct: Bytes): ReturnType<typeof parseTimestamp> | undefined {
  try {
    return parseTimestamp(sct);
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

function fault(kind: TimestampFault, reason: string): TimestampVerdict {
  return { fault: kind, reason };
}

function moment(time: number): string {
  return new Date(time).toISOString();
}
