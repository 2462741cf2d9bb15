/**
 * What a client knows before its first word: a session of an earlier connection, and keys that it
 * was given.
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import { loaded } from "../../loaded.ts";
import type { ClientConfig } from "../config.ts";
import { maxSessionsPerPartition } from "../limits.ts";
import { isOnOffered } from "../named-group.ts";
import type { SessionCache } from "../session/cache.ts";
import type { Session, SessionPeer, Tls12Session } from "../session/session.ts";
import { type OfferedPsk, sessionPsk } from "./pre-shared-key.ts";
import { publicKeyOf } from "./presented-key.ts";

/** What the ClientHello may offer of it. */
export interface KnownSecrets {
  /** Of a session and from outside, in this order. */
  readonly psks: readonly OfferedPsk[];
  readonly session12: Tls12Session | undefined;
}

/** @param sessions undefined where none are kept. */
export async function recallSecrets(
  config: ClientConfig,
  sessions: SessionCache | undefined,
): Promise<KnownSecrets> {
  const [session, others] = await Promise.all([
    sessions && takeUsable(config, sessions),
    external(config),
  ]);
  if (session?.version !== "TLSv1.3") return { psks: others, session12: session };
  const psk = await sessionPsk(config.crypto, session, config.now);
  return { psks: [psk, ...others], session12: undefined };
}

/** The newest session that goes with what is offered. Others stay for those that can use them. */
async function takeUsable(
  config: ClientConfig,
  sessions: SessionCache,
): Promise<Session | undefined> {
  const others: Session[] = [];
  let session = await sessions.take();
  while (session !== undefined && !isUsable(session, config)) {
    others.unshift(session);
    session = others.length < maxSessionsPerPartition ? await sessions.take() : undefined;
  }
  for (const other of others) void sessions.put(other);
  return session;
}

/** Few connections have any. */
async function external(config: ClientConfig): Promise<OfferedPsk[]> {
  if (config.externalPsks.length === 0) return [];
  const { externalPsks } = await loaded(import("./external-psk.ts"));
  return externalPsks(config);
}

/** Whether a session goes with what is offered: TLS 1.3 wants the hash only (RFC 8446 §4.2.11). */
function isUsable(session: Session, config: ClientConfig): boolean {
  const { suite, peer } = session;
  const scheme = peer.signatureScheme?.number;
  const isSigned = config.signatureSchemes.some(({ number }) => number === scheme);
  if (scheme !== undefined && !isSigned) return false;
  if (session.version === "TLSv1.3") {
    return config.suites.some(({ version, hash }) => version === "TLSv1.3" && hash === suite.hash);
  }
  if (config.requireExtendedMasterSecret && !session.extendedMasterSecret) return false;
  if (!config.suites.some(({ number }) => number === suite.number)) return false;
  return config.groups.includes(session.group) && mayShow(peer, config);
}

/** Whether the server's key would still be taken, had it to be shown again. */
function mayShow(peer: SessionPeer, { groups }: ClientConfig): boolean {
  try {
    return isOnOffered(groups, publicKeyOf(peer));
  } catch (error) {
    // A store may hold anything.
    if (error instanceof TlsError) return false;
    throw error;
  }
}
