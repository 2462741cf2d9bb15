/**
 * The condition that a server's certificate stands in logs of Certificate Transparency (RFC 6962):
 * timestamps of enough logs, of enough operators.
 *
 * @module
 */

import { type Bytes, toHex } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { type CandidatePath, issuerOf, type PathCondition } from "../candidate-path.ts";
import type { Certificate } from "../certificate.ts";
import {
  judgeTimestamp,
  type PresentedTimestamp,
  type TransparencyLog,
  type TransparencyLogs,
} from "./log.ts";
import { embeddedTimestamps } from "./precertificate.ts";
import type { LogEntry } from "./timestamp.ts";
import { timestampsOfExtension } from "./timestamp-extension.ts";

/** What is asked of a certificate. */
export interface TransparencyPolicy {
  readonly logs: TransparencyLogs;
  /** From how many logs. Default: 2 for certificates valid up to 180 days, 3 for others. */
  readonly timestamps?: number;
  /** How many operators these logs have between them. */
  readonly operators: number;
}

/** What came beside the certificate, and what it is judged with. */
export interface TransparencyOptions {
  readonly policy: TransparencyPolicy;
  /** Of the handshake's extension, each a SerializedSCT (RFC 6962 §3.3.1). */
  readonly presented: readonly Bytes[];
  /**
   * Gives the values of extensions with timestamps in a stapled OCSP response, once that is verified
   * for the path at hand (RFC 6962 §3.3).
   */
  readonly stapled?: () => readonly Bytes[];
  readonly now: Date;
  readonly crypto: CryptoProvider;
  /** Told the logs that counted, where there were enough. */
  readonly onLogged?: (logs: readonly TransparencyLog[]) => void;
}

/** Validity up to which two timestamps are enough, in milliseconds: 180 days. */
const shortValidity = 180 * 24 * 60 * 60 * 1000;

/** So many reasons are told, of a server that sends many timestamps. */
const maxReasons = 8;

/**
 * The condition, by the rules that Chrome publishes: as many timestamps as wanted, each of another
 * log, of as many operators as wanted; at least one of a log that is not retired. Timestamps count
 * alike however they came, but those of retired logs only where they are embedded. One that is
 * wrong does no harm: it does not count.
 */
export function transparencyCondition(options: TransparencyOptions): PathCondition {
  const { policy, now, crypto, onLogged } = options;
  return async (path, effort) => {
    const [leaf] = path.certificates;
    const wanted = policy.timestamps ?? usualCount(leaf);
    const counted = new Map<string, TransparencyLog>();
    const reasons: string[] = [];
    const embedded = await embeddedIn(path, crypto);
    const stapled = stapledTo(leaf, options);
    if (embedded === undefined) reasons.push("embedded: the list can't be read");
    if (stapled === undefined) reasons.push("stapled: the list can't be read");
    const all = [...(embedded ?? []), ...(stapled ?? []), ...presentedWith(leaf, options)];
    for (const timestamp of all) {
      const verdict = await judgeTimestamp(timestamp, {
        logs: policy.logs,
        now: now.getTime(),
        notAfter: leaf.notAfter.getTime(),
        crypto,
        spend: (signatures) => effort.spend("signatures", signatures),
      });
      if ("fault" in verdict) {
        reasons.push(`${timestamp.delivery}: ${verdict.reason}`);
        continue;
      }
      counted.set(toHex(verdict.log.id), verdict.log);
      const logs = [...counted.values()];
      if (logs.length < wanted || operatorsOf(logs) < policy.operators) continue;
      if (logs.every(({ retiredAt }) => retiredAt !== undefined)) continue;
      onLogged?.(logs);
      return;
    }
    throw notLogged([...counted.values()], wanted, policy.operators, reasons);
  };
}

function usualCount({ notBefore, notAfter }: Certificate): number {
  return notAfter.getTime() - notBefore.getTime() <= shortValidity ? 2 : 3;
}

/** The certificate's own timestamps; undefined where their list can't be read. */
async function embeddedIn(
  path: CandidatePath,
  crypto: CryptoProvider,
): Promise<PresentedTimestamp[] | undefined> {
  const [leaf] = path.certificates;
  const found = readable(() => embeddedTimestamps(leaf.signed));
  if (found === undefined) return undefined;
  const { timestamps, tbsCertificate } = found;
  if (timestamps.length === 0) return [];
  const { subjectPublicKeyInfo } = issuerOf(path, 0);
  const issuerKeyHash = await crypto.digest("SHA-256", subjectPublicKeyInfo);
  const entry = { kind: "precertificate", issuerKeyHash, tbsCertificate } as const;
  return timestamps.map((sct) => ({ delivery: "embedded", sct, entry }));
}

/** Those of a stapled response; undefined where their list can't be read. */
function stapledTo(
  leaf: Certificate,
  { stapled }: TransparencyOptions,
): PresentedTimestamp[] | undefined {
  const list = readable(() => (stapled?.() ?? []).flatMap(timestampsOfExtension));
  return list?.map((sct) => ({ delivery: "stapled", sct, entry: entryOf(leaf) }));
}

function presentedWith(leaf: Certificate, { presented }: TransparencyOptions) {
  return presented.map((sct): PresentedTimestamp => {
    return { delivery: "handshake", sct, entry: entryOf(leaf) };
  });
}

/** What timestamps beside the certificate are for: the certificate as it is. */
function entryOf({ der }: Certificate): LogEntry {
  return { kind: "certificate", certificate: der };
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function operatorsOf(logs: readonly TransparencyLog[]): number {
  return new Set(logs.map(({ operator }) => operator)).size;
}

function notLogged(
  counted: readonly TransparencyLog[],
  wanted: number,
  operators: number,
  reasons: readonly string[],
): TlsError {
  const found = counted.map(({ name, operator }) => `${name} of ${operator}`).join(", ");
  const more = reasons.length > maxReasons ? [`${reasons.length - maxReasons} more`] : [];
  const notCounted = [...reasons.slice(0, maxReasons), ...more].join("; ");
  return new TlsError(
    "certificate/not-logged",
    `The server's certificate is not shown to be public: timestamps of ${count(wanted, "log")} ` +
      `of ${count(operators, "operator")} are wanted, at least one not retired; those that count are ` +
      `of ${found === "" ? "none" : found}.` +
      `${notCounted === "" ? " There are no others." : ` Not counted: ${notCounted}.`} The server ` +
      "needs a certificate with more timestamps, or certificateTransparency a newer list of logs.",
  );
}
