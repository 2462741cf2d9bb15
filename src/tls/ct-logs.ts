/**
 * Reads the option `certificateTransparency`: which logs count, and how many of them are wanted.
 *
 * @module
 */

import { type Bytes, toHex } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import { checkOptionNames, invalidOption } from "../errors.ts";
import type { KnownLog, TransparencyLog } from "../x509/ct/log.ts";
import type { TransparencyPolicy } from "../x509/ct/transparency.ts";
import { readLogList } from "./ct-log-list.ts";
import { intervalAt, keyAt, listAt, objectAt, textAt, timeAt } from "./ct-members.ts";
import type { CertificateTransparency } from "./ct-options.ts";

/** A policy that has been read, with what tells it from others. */
export interface Transparency extends TransparencyPolicy {
  /** SHA-256 of all that what it accepts depends on. */
  readonly mark: Bytes;
}

/** A log, with where it stands in the option. */
export interface ReadLog {
  readonly at: string;
  readonly log: KnownLog;
}

/** @throws TlsError `configuration/invalid-option`, which names the member that is wrong. */
export async function readTransparency(option: CertificateTransparency): Promise<Transparency> {
  const at = "certificateTransparency";
  const members = objectAt(option, at);
  checkOptionNames(members, ["logs", "timestamps", "operators"], at);
  const timestamps = countAt(members.timestamps, `${at}.timestamps`);
  const operators = countAt(members.operators, `${at}.operators`) ?? Math.min(timestamps ?? 2, 2);
  const logs = new Map<string, KnownLog>();
  for (const { at: place, log } of await readLogs(members.logs, `${at}.logs`)) {
    const id = toHex(log.id);
    if (logs.has(id)) throw invalidOption(place, `a log that is not given before (${id})`);
    logs.set(id, log);
  }
  const policy = { logs, operators, ...(timestamps === undefined ? {} : { timestamps }) };
  return { ...policy, mark: await markOf(policy) };
}

function readLogs(logs: unknown, at: string): Promise<ReadLog[]> {
  if (!Array.isArray(logs)) return readLogList(logs, at);
  return Promise.all(
    listAt(logs, at).map(async (log, index) => {
      const place = `${at}[${index}]`;
      return { at: place, log: await readLog(log, place) };
    }),
  );
}

async function readLog(value: unknown, at: string): Promise<TransparencyLog> {
  const members = objectAt(value, at);
  checkOptionNames(members, ["publicKey", "operator", "name", "retired", "temporalInterval"], at);
  const { retired } = members;
  const { publicKey, id } = await keyAt(members.publicKey, `${at}.publicKey`);
  const { name = toHex(id) } = members;
  const ends = ["startInclusive", "endExclusive"] as const;
  return {
    id,
    publicKey,
    operator: textAt(members.operator, `${at}.operator`),
    name: textAt(name, `${at}.name`),
    ...(retired === undefined ? {} : { retiredAt: timeAt(retired, `${at}.retired`) }),
    ...intervalAt(members.temporalInterval, `${at}.temporalInterval`, ends),
  };
}

function countAt(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw invalidOption(at, "a whole number, at least 1");
}

/** Names don't count, and logs that don't count neither. */
function markOf({ logs, timestamps, operators }: TransparencyPolicy): Promise<Bytes> {
  const described = [...logs].flatMap(([id, log]) => {
    if ("unusable" in log) return [];
    const { operator, retiredAt, expiryFrom, expiryUntil } = log;
    return [[id, operator, retiredAt ?? null, expiryFrom ?? null, expiryUntil ?? null]];
  });
  const text = JSON.stringify([timestamps ?? null, operators, described]);
  return platformCrypto.digest("SHA-256", new TextEncoder().encode(text));
}
