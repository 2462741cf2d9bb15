/**
 * What a client knows before its first word: a session of an earlier connection, and keys that it
 * was given.
 *
 * @module
 */

import type { ClientConfig } from "../config.ts";
import type { SessionCache } from "../session/cache.ts";
import type { Session, Tls12Session } from "../session/session.ts";
import { externalPsks } from "./external-psk.ts";
import { type OfferedPsk, sessionPsk } from "./pre-shared-key.ts";

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
  const [taken, external] = await Promise.all([sessions?.take(), externalPsks(config)]);
  const session = taken !== undefined && isUsable(taken, config) ? taken : undefined;
  if (session?.version !== "TLSv1.3") return { psks: external, session12: session };
  const psk = await sessionPsk(config.crypto, session, config.now);
  return { psks: [psk, ...external], session12: undefined };
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
  return config.suites.some(({ number }) => number === suite.number);
}
