/**
 * Reads a log list of version 3, as Google and Apple publish it, and what the states of logs mean.
 *
 * @module
 */

import { equalPublic, toHex } from "../crypto/bytes.ts";
import { invalidOption } from "../errors.ts";
import type { KnownLog, LogLimits } from "../x509/ct/log.ts";
import type { ReadLog } from "./ct-logs.ts";
import {
  anyKeyAt,
  base64At,
  intervalAt,
  listAt,
  type Members,
  objectAt,
  textAt,
  timeAt,
} from "./ct-members.ts";

/**
 * Reads a list, of which others decide what it holds: a log that can't be used just does not count.
 *
 * @returns each log once.
 * @throws TlsError `configuration/invalid-option`, which says where in the list it is wrong.
 */
export async function readLogList(list: unknown, at: string): Promise<ReadLog[]> {
  const { operators } = objectAt(list, at, "a list of logs, or the parsed JSON of a log list");
  const places = listAt(operators, `${at}.operators`).flatMap((operator, index) =>
    logsOf(operator, `${at}.operators[${index}]`),
  );
  return eachOnce(
    await Promise.all(
      places.map(async (place) => ({ at: place.at, log: await readListed(place) })),
    ),
  );
}

function eachOnce(all: readonly ReadLog[]): ReadLog[] {
  const found = new Map<string, ReadLog>();
  for (const next of all) {
    const id = toHex(next.log.id);
    const before = found.get(id);
    found.set(id, before === undefined ? next : { at: before.at, log: both(before.log, next.log) });
  }
  return [...found.values()];
}

/** What counts of a log that is listed twice: as much as both say. */
function both(first: KnownLog, second: KnownLog): KnownLog {
  if ("unusable" in first) return first;
  if ("unusable" in second) return second;
  const isSame = (["operator", "retiredAt", "expiryFrom", "expiryUntil"] as const).every(
    (member) => first[member] === second[member],
  );
  if (isSame) return first;
  const { id, name, operator } = first;
  return { id, name, operator, unusable: "is listed twice, with different things said of it" };
}

/** A log in the list, not yet read. */
interface Listed {
  readonly at: string;
  readonly operator: string;
  readonly members: Members;
}

function logsOf(value: unknown, at: string): Listed[] {
  const members = objectAt(value, at);
  const operator = textAt(members.name, `${at}.name`);
  // Tiled ones are asked in another way, and their timestamps are the same.
  return ["logs", "tiled_logs"].flatMap((kind) => {
    const logs = members[kind] ?? [];
    if (!Array.isArray(logs)) throw invalidOption(`${at}.${kind}`, "a list of logs");
    return logs.map((log, index) => {
      const place = `${at}.${kind}[${index}]`;
      return { at: place, operator, members: objectAt(log, place) };
    });
  });
}

async function readListed({ at, operator, members }: Listed): Promise<KnownLog> {
  const id = base64At(members.log_id, `${at}.log_id`);
  const { description = toHex(id) } = members;
  const known = { id, operator, name: textAt(description, `${at}.description`) };
  const state = stateAt(members.state, `${at}.state`);
  // Lists have logs whose keys are of no use, which don't count either.
  if ("unusable" in state) return { ...known, ...state };
  const key = await anyKeyAt(members.key, `${at}.key`);
  if (!equalPublic(id, key.id)) {
    throw invalidOption(`${at}.log_id`, `SHA-256 of the log's key, ${toHex(key.id)}`);
  }
  const ends = ["start_inclusive", "end_exclusive"] as const;
  const interval = intervalAt(members.temporal_interval, `${at}.temporal_interval`, ends);
  const { publicKey } = key;
  // A list has such a log on the day that logs begin to have keys of a new kind.
  if (publicKey === undefined) {
    return { ...known, unusable: "has a weak key, or one of a kind that is not known here" };
  }
  return { ...known, publicKey, ...state, ...interval };
}

/** What a log's state means for its timestamps, by Chrome's policy. */
function stateAt(value: unknown, at: string): LogLimits | { unusable: string } {
  if (value === undefined) return { unusable: "has no state in the list of logs" };
  const [[state, details] = ["", undefined], ...others] = Object.entries(objectAt(value, at));
  if (others.length > 0) throw invalidOption(at, "one state");
  switch (state) {
    case "usable":
    case "qualified":
    case "readonly":
      return {};
    case "retired": {
      const place = `${at}.retired`;
      return { retiredAt: timeAt(objectAt(details, place).timestamp, `${place}.timestamp`) };
    }
    default:
      return { unusable: `is in a state that does not count ("${state}")` };
  }
}
