/**
 * A server that goes wrong in what it says, not in how it protects it: its messages and records are
 * changed before they are sealed, with the right keys and, where it can be, the right transcript.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../src/crypto/bytes.ts";
import { contentType, handshakeType } from "../../src/tls/messages/registry.ts";
import { encodeTicket } from "../peer/messages.ts";
import type { Peer } from "../peer/peer.ts";
import type { Message, MessageHooks, Script, ServerMessageName } from "../peer/script.ts";
import type { PeerWire } from "../peer/wire.ts";
import { below, mutateBytes, noise, pick, type Random } from "./mutate.ts";
import type { Scene, Step } from "./scenarios.ts";

/** What an honest run of a scenario has in it. */
export interface Honest {
  /** Names of the server's messages, in order. */
  readonly names: readonly [ServerMessageName, ...ServerMessageName[]];
  /** Messages of all scenarios, to take the place of one another. */
  readonly pool: readonly [Message, ...Message[]];
}

/** What has really been done, for the verdict. */
export interface Trail {
  /** For people: where and what. */
  readonly changes: string[];
  /** Whether a Finished was sent that is the right one. */
  finishedSent: boolean;
  /** Whether what proves the server's key was not sent as it should be: it may not be believed. */
  proofChanged: boolean;
}

/** The messages by which a server proves that it has the key of its certificate. */
const proofs: readonly ServerMessageName[] = ["certificate_verify", "server_key_exchange"];

/** Application data that comes before the server's Finished begins like this. */
export const earlyMark = "too early";

type Change = (random: Random, honest: Honest, name: ServerMessageName) => MessageHooks;

const changes: readonly [Change, ...Change[]] = [
  function body(random, { pool }) {
    const others = pool.map((message) => message.body);
    return {
      instead: ({ type, body }) => [{ type, body: mutateBytes(body, random, others) }],
    };
  },
  function bodyAgain(...args) {
    return changes[0](...args);
  },
  function type(random) {
    const types = Object.values(handshakeType);
    const other = types[below(random, types.length)] ?? below(random, 256);
    return { instead: ({ body }) => [{ type: other, body }] };
  },
  function another(random, { pool }) {
    return { instead: () => [pick(random, pool)] };
  },
  function leaveOut() {
    return { instead: () => [] };
  },
  function twice() {
    return { instead: (message) => [message, message] };
  },
  function insertBefore(random, { pool }) {
    return { instead: (message) => [pick(random, pool), message] };
  },
  function insertBehind(random, { pool }) {
    return { instead: (message) => [message, pick(random, pool)] };
  },
  function frame(random) {
    return { frame: (encoded) => fragments(encoded, random) };
  },
  function recordOnTheWire(random) {
    return { record: (record) => mutateBytes(record, random) };
  },
  function recordBefore(random) {
    return { before: (wire) => sendRecord(wire, random, earlyMark) };
  },
  function recordBehind(random, _, name) {
    // What follows Finished is not too early.
    const mark = name === "finished" ? "" : earlyMark;
    return { after: (wire) => sendRecord(wire, random, mark) };
  },
  function hangUp() {
    return { after: (wire) => wire.hangUp() };
  },
];

/** A scene's script with one to three changes. */
export function mutateScript(
  { script, steps }: Scene,
  honest: Honest,
  random: Random,
): { script: Script; trail: Trail } {
  const trail: Trail = { changes: [], finishedSent: false, proofChanged: false };
  const hooks: Partial<Record<ServerMessageName, MessageHooks>> = {};
  const places = honest.names.length + steps.length;
  // Few handshakes survive a change: some are left alone, for what comes after them.
  const first = random() < 0.4 ? honest.names.length : 0;
  const wild = new Set<number>();
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const at = first + below(random, places - first);
    const name = honest.names[at];
    if (name === undefined) {
      wild.add(at - honest.names.length);
      trail.changes.push(`step ${at - honest.names.length}`);
      continue;
    }
    const change = pick(random, changes);
    hooks[name] = change(random, honest, name);
    trail.changes.push(`${name}: ${change.name}`);
  }
  if (first === 0) swapTwo(hooks, honest, random, trail);
  for (const name of honest.names) {
    hooks[name] = watched(name, hooks[name] ?? {}, script.on?.[name] ?? {}, trail);
  }
  const after = (peer: Peer) => walk(peer, steps, wild, honest, random);
  return { script: { ...script, on: hooks, after }, trail };
}

/** Now and then, a message changes places with the one behind it. */
function swapTwo(
  hooks: Partial<Record<ServerMessageName, MessageHooks>>,
  { names }: Honest,
  random: Random,
  trail: Trail,
): void {
  const at = below(random, names.length * 8);
  const [first, second] = [names[at], names[at + 1]];
  if (first === undefined || second === undefined) return;
  let held: Message[] = [];
  hooks[first] = {
    instead: (message) => {
      held = [message];
      return [];
    },
  };
  hooks[second] = { instead: (message) => [message, ...held] };
  trail.changes.push(`${first} behind ${second}`);
}

/** Notes what is sent in place of a message. */
function watched(
  name: ServerMessageName,
  hooks: MessageHooks,
  honest: MessageHooks,
  trail: Trail,
): MessageHooks {
  return {
    ...hooks,
    instead(message) {
      const due = honest.instead?.(message) ?? [message];
      const sent = due.flatMap((one) => hooks.instead?.(one) ?? [one]);
      const isThere = sent.some(
        ({ type, body }) => type === message.type && equalPublic(body, message.body),
      );
      if (name === "finished" && isThere) trail.finishedSent = true;
      if (proofs.includes(name) && !isThere) trail.proofChanged = true;
      return sent;
    },
  };
}

/** The steps behind the handshake, with something in front of some of them. */
async function walk(
  peer: Peer,
  steps: readonly Step[],
  wild: ReadonlySet<number>,
  { pool }: Honest,
  random: Random,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (wild.has(index)) await stray(peer, pool, random);
    await step(peer);
  }
}

/** Something that no honest server does after its handshake, or does not do so often. */
async function stray(peer: Peer, pool: Honest["pool"], random: Random): Promise<void> {
  const { type, body } = pick(random, pool);
  const types = Object.values(handshakeType);
  switch (below(random, 8)) {
    case 0:
      return peer.handshake(type, body);
    case 1:
      return peer.handshake(types[below(random, types.length)] ?? 0, mutateBytes(body, random));
    case 2:
      return peer.handshake(handshakeType.key_update, noise(random, below(random, 3)));
    case 3:
      return peer.handshake(handshakeType.hello_request);
    case 4:
    case 5: {
      const ticket = encodeTicket(noise(random, 1 + below(random, 40)));
      return peer.handshake(handshakeType.new_session_ticket, mutateBytes(ticket, random));
    }
    case 6:
      for (let left = pick(random, many); left > 0; left--) await peer.ticket();
      return;
    default:
      return sendRecord(peer.wire, random, "");
  }
}

/** How often a thing is said: mostly once, and now and then too often. */
const many = [1, 1, 1, 2, 5, 40] as const;

/** A record of any type, under the present key or in the clear; or no record at all. */
async function sendRecord(wire: PeerWire, random: Random, mark: string): Promise<void> {
  const types = Object.values(contentType);
  const type = types[below(random, types.length + 1)] ?? below(random, 256);
  const isData = type === contentType.applicationData;
  // What counts as said is what a step says: here data has either a mark or no content.
  const content = isData ? new TextEncoder().encode(mark) : shortContent(type, random);
  switch (below(random, 4)) {
    case 0:
      return wire.plainRecord(type, content);
    case 1:
      return wire.raw(noise(random, 1 + below(random, 12)));
    default:
      for (let left = pick(random, many); left > 0; left--) {
        await wire.record(type, content);
      }
  }
}

function shortContent(type: number, random: Random): Bytes {
  if (type === contentType.alert && random() < 0.7) {
    return Uint8Array.of(1 + below(random, 2), pick(random, [0, 10, 40, 41, 90, 100, 255]));
  }
  if (type === contentType.changeCipherSpec && random() < 0.7) return Uint8Array.of(1);
  return noise(random, below(random, 6));
}

/** A message in pieces, some of which may be empty. */
function fragments(encoded: Bytes, random: Random): Bytes[] {
  const pieces: Bytes[] = [];
  for (let at = 0; at < encoded.length && pieces.length < 50; ) {
    const to = Math.min(encoded.length, at + below(random, 1 + Math.ceil(encoded.length / 3)));
    pieces.push(encoded.slice(at, to));
    at = to;
  }
  return pieces;
}
