/**
 * Reads the option `certificateTransparency`: which logs count, and how many of them are wanted.
 *
 * @module
 */

import { type Bytes, equalPublic, toHex } from "../crypto/bytes.ts";
import { platformCrypto } from "../crypto/platform.ts";
import type { PublicKey } from "../crypto/provider.ts";
import { checkOptionNames, invalidOption, TlsError } from "../errors.ts";
import { isLogKey, type TransparencyLog } from "../x509/ct/log.ts";
import type { TransparencyPolicy } from "../x509/ct/transparency.ts";
import { bytesOfBlock, publicKeyFromPem } from "../x509/pem.ts";
import { parsePublicKey } from "../x509/public-key.ts";
import { checkObject } from "./caller-options.ts";
import type { CertificateTransparency } from "./ct-options.ts";

const optionName = "certificateTransparency";

/** A policy that has been read, with what tells it from others. */
export interface Transparency extends TransparencyPolicy {
  /** SHA-256 of all that what it accepts depends on. */
  readonly mark: Bytes;
}

/** @throws TlsError `configuration/invalid-option`, which names the member that is wrong. */
export async function readTransparency(option: CertificateTransparency): Promise<Transparency> {
  checkObject(optionName, option);
  checkOptionNames(option, ["logs", "timestamps", "operators"], optionName);
  const { timestamps, operators = 2 } = option;
  checkCount(`${optionName}.timestamps`, timestamps);
  checkCount(`${optionName}.operators`, operators);
  const logs = new Map<string, TransparencyLog>();
  for (const { at, log } of await readLogs(option.logs, `${optionName}.logs`)) {
    const id = toHex(log.id);
    if (logs.has(id)) throw invalidOption(at, `a log that is not given before (${id})`);
    logs.set(id, log);
  }
  const described = [...logs].map(([id, log]) => [
    id,
    log.operator,
    log.retiredAt ?? null,
    log.unusable ?? null,
    log.expiryFrom ?? null,
    log.expiryUntil ?? null,
  ]);
  const text = JSON.stringify([timestamps ?? null, operators, described]);
  const mark = await platformCrypto.digest("SHA-256", new TextEncoder().encode(text));
  return { logs, operators, mark, ...(timestamps === undefined ? {} : { timestamps }) };
}

/** A log with where it stands in the option. */
interface ReadLog {
  readonly at: string;
  readonly log: TransparencyLog;
}

async function readLogs(logs: unknown, at: string): Promise<ReadLog[]> {
  if (Array.isArray(logs)) {
    return Promise.all(
      listAt(logs, at).map(async (log, index) =>
        readLog(objectAt(log, `${at}[${index}]`), `${at}[${index}]`),
      ),
    );
  }
  const { operators } = objectAt(logs, at, "a list of logs, or the parsed JSON of a log list");
  const read = listAt(operators, `${at}.operators`).map(async (entry, index) => {
    const place = `${at}.operators[${index}]`;
    const { name, ...lists } = objectAt(entry, place);
    const operator = textAt(name, `${place}.name`);
    const kinds = ["logs", "tiled_logs"] as const;
    const listed = kinds.flatMap((kind) => {
      const list = lists[kind] ?? [];
      if (!Array.isArray(list)) throw invalidOption(`${place}.${kind}`, "a list of logs");
      return list.map((log, number) => {
        const where = `${place}.${kind}[${number}]`;
        return readListed(objectAt(log, where), operator, where);
      });
    });
    return Promise.all(listed);
  });
  return (await Promise.all(read)).flat();
}

type Members = Readonly<Record<string, unknown>>;

/** One {@link CtLog}. */
async function readLog(given: Members, at: string): Promise<ReadLog> {
  checkOptionNames(given, ["publicKey", "operator", "name", "retired", "temporalInterval"], at);
  const { key, id } = await readKey(given.publicKey, `${at}.publicKey`);
  const log: TransparencyLog = {
    id,
    publicKey: key,
    operator: textAt(given.operator, `${at}.operator`),
    name: given.name === undefined ? toHex(id) : textAt(given.name, `${at}.name`),
    ...(given.retired === undefined ? {} : { retiredAt: dateAt(given.retired, `${at}.retired`) }),
    ...intervalAt(given.temporalInterval, `${at}.temporalInterval`, [
      "startInclusive",
      "endExclusive",
    ]),
  };
  return { at, log };
}

/** One {@link ListedCtLog}. */
async function readListed(given: Members, operator: string, at: string): Promise<ReadLog> {
  const { key, id } = await readKey(given.key, `${at}.key`);
  if (!equalPublic(id, base64At(given.log_id, `${at}.log_id`))) {
    throw invalidOption(`${at}.log_id`, `SHA-256 of the log's key, ${toHex(id)}`);
  }
  const log: TransparencyLog = {
    id,
    publicKey: key,
    operator,
    name:
      given.description === undefined ? toHex(id) : textAt(given.description, `${at}.description`),
    ...stateAt(given.state, `${at}.state`),
    ...intervalAt(given.temporal_interval, `${at}.temporal_interval`, [
      "start_inclusive",
      "end_exclusive",
    ]),
  };
  return { at, log };
}

/** What a log's state means for its timestamps, by Chrome's policy. */
function stateAt(state: unknown, at: string): Pick<TransparencyLog, "retiredAt" | "unusable"> {
  // A log that is only known to be there, such as one for tests.
  if (state === undefined) return { unusable: "has no state in the list of logs" };
  const [[name, details] = ["", undefined], ...others] = Object.entries(objectAt(state, at));
  if (others.length > 0) throw invalidOption(at, "one state");
  switch (name) {
    case "usable":
    case "qualified":
    case "readonly":
      return {};
    case "retired":
      return { retiredAt: dateAt(objectAt(details, `${at}.retired`).timestamp, `${at}.retired`) };
    default:
      return { unusable: `is not one to count, its state is "${name}"` };
  }
}

function intervalAt(
  interval: unknown,
  at: string,
  [from, until]: readonly [string, string],
): Pick<TransparencyLog, "expiryFrom" | "expiryUntil"> {
  if (interval === undefined) return {};
  const members = objectAt(interval, at);
  const expiryFrom = dateAt(members[from], `${at}.${from}`);
  const expiryUntil = dateAt(members[until], `${at}.${until}`);
  if (expiryFrom >= expiryUntil) throw invalidOption(at, "a start before the end");
  return { expiryFrom, expiryUntil };
}

async function readKey(source: unknown, at: string): Promise<{ key: PublicKey; id: Bytes }> {
  const der = keyBytes(source, at);
  const key = readable(() => parsePublicKey(der), at);
  if (!isLogKey(key)) {
    throw invalidOption(at, "a key of P-256, P-384 or RSA, which logs have (RFC 6962 §2.1.4)");
  }
  return { key, id: await platformCrypto.digest("SHA-256", der) };
}

function keyBytes(source: unknown, at: string): Bytes {
  if (source instanceof Uint8Array) return Uint8Array.from(source);
  const text = textAt(source, at);
  return text.includes("-----BEGIN ")
    ? readable(() => publicKeyFromPem(text), at)
    : base64At(text, at);
}

function base64At(source: unknown, at: string): Bytes {
  return bytesOfBlock(textAt(source, at), "a value", (found) =>
    invalidOption(at, `base64, not ${found}`),
  );
}

/** A failure to read a key, told as one of the option. */
function readable<T>(read: () => T, at: string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw invalidOption(at, "a SubjectPublicKeyInfo that can be read, of a key that is not weak");
  }
}

/** A moment: a Date, or text in ISO 8601. */
function dateAt(value: unknown, at: string): number {
  const time = value instanceof Date ? value.getTime() : Date.parse(isoAt(value, at));
  if (Number.isNaN(time)) throw invalidOption(at, "a point in time");
  return time;
}

/** Date.parse would take nearly anything. */
function isoAt(value: unknown, at: string): string {
  const text = textAt(value, at);
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) throw invalidOption(at, "a point in time in ISO 8601");
  return text;
}

function textAt(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "") throw invalidOption(at, "a text");
  return value;
}

function listAt(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidOption(at, "a list with an entry");
  return value;
}

function objectAt(value: unknown, at: string, expected = "an object"): Members {
  if (typeof value !== "object" || value === null) throw invalidOption(at, expected);
  return value as Members;
}

function checkCount(at: string, value: unknown): void {
  if (value !== undefined && !(Number.isInteger(value) && Number(value) >= 1)) {
    throw invalidOption(at, "a whole number, at least 1");
  }
}
