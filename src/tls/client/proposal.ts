/**
 * What a client proposes, in one ClientHello or in two at once, and which of them the server answers.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { loaded } from "../../loaded.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import type { HandshakeInfo } from "../info.ts";
import { KeyLog } from "../keys/key-log.ts";
import { encodeClientHello } from "../messages/client-hello.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import { isHelloRetryRequest, type ServerHello } from "../messages/server-hello.ts";
import type { HandOptions } from "../record/writer.ts";
import { SessionCache } from "../session/cache.ts";
import type { Tls12Session } from "../session/session.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EchState } from "./ech-state.ts";
import { type HelloParts, Offer } from "./offer.ts";
import { bindPsks, type OfferedPsk } from "./pre-shared-key.ts";
import { recallSecrets } from "./resumption.ts";

/** A ClientHello, and what goes with it. */
export interface Proposal {
  /** As this hello has it: another name and less to tell where the server refused ECH. */
  readonly config: ClientConfig;
  readonly offer: Offer;
  readonly psks: readonly OfferedPsk[];
  /** Of TLS 1.2, offered to be resumed. */
  readonly session12: Tls12Session | undefined;
  /** Where tickets go; undefined where none are kept. */
  readonly sessions: SessionCache | undefined;
  readonly keyLog: KeyLog;
  readonly ech: EchState;
}

/** The ClientHello that the server answers. */
export interface AnsweredProposal extends Proposal {
  readonly ech: Exclude<EchState, { status: "offered" }>;
}

/** @throws TlsError `handshake/ech-lookup-failed`, `configuration/invalid-option`. */
export async function propose(config: ClientConfig): Promise<Proposal> {
  const ech: EchState =
    config.ech === undefined ? { status: "not-offered" } : await (await lazy()).beginEch(config);
  const hidden = "hello" in ech ? ech.hello.inner : undefined;
  const meant = hidden?.config ?? config;
  const sessions = config.sessions && new SessionCache(config.sessions, config);
  const { psks, session12 } = await recallSecrets(meant, sessions);
  const offer = hidden?.offer ?? Offer.create(config, { session12 });
  const keyLog = new KeyLog(config.keyLog, offer.random);
  return { config: meant, offer, psks, session12, sessions, keyLog, ech };
}

/** Sends the first or the second ClientHello, and adds the one that is meant to the transcript. */
export async function sendHello(
  channel: HandshakeChannel,
  { config, offer, psks, ech }: Proposal,
  parts: HelloParts,
  options?: HandOptions,
): Promise<void> {
  if ("hello" in ech) return ech.hello.send(channel, parts, psks, options);
  const extension = "extension" in ech ? ech.extension : undefined;
  const hello = offer.hello({ ...parts, ech: extension });
  const bound = await bindPsks(config.crypto, hello, psks, channel.transcript);
  await channel.send(handshakeType.client_hello, encodeClientHello(bound), options);
}

/**
 * Which ClientHello the server's first words answer (RFC 9849 §6.1.4). Where that is a
 * HelloRetryRequest, the ClientHello in the transcript gives way to its hash.
 *
 * @param suite undefined in TLS 1.2, which knows nothing of ECH.
 */
export async function settleEch(
  channel: HandshakeChannel,
  proposal: Proposal,
  answer: { readonly hello: ServerHello; readonly encoded: Bytes },
  suite?: CipherSuite13,
): Promise<AnsweredProposal> {
  const { config, ech } = proposal;
  const replaceByHash = async () => {
    if (suite === undefined || !isHelloRetryRequest(answer.hello)) return;
    await channel.transcript.replaceByHash(config.crypto, suite.hash);
  };
  await replaceByHash();
  if (!("hello" in ech)) {
    if (ech.status === "grease") config.trace?.({ kind: "settled", ech: ech.status });
    return { ...proposal, ech };
  }

  const { hello } = ech;
  if (suite !== undefined && (await hello.isConfirmedBy(answer, channel.transcript, suite))) {
    config.trace?.({ kind: "settled", ech: "accepted" });
    return { ...proposal, ech: { status: "accepted", hello } };
  }
  config.trace?.({ kind: "settled", ech: "rejected" });
  hello.goOnWithOuter(channel);
  await replaceByHash();
  return {
    ...hello.outer,
    psks: [],
    session12: undefined,
    sessions: undefined,
    keyLog: new KeyLog(config.keyLog, hello.outer.offer.random),
    ech: { status: "rejected", extension: hello.extension },
  };
}

/** Checks what a server says to ECH in its EncryptedExtensions (RFC 9849 §5). */
export async function checkRetryConfigs(retryConfigs: Bytes): Promise<void> {
  const { decodeEchConfigList } = await lazy();
  decodeEchConfigList(retryConfigs);
}

/**
 * What became of ECH, at the end of the handshake.
 *
 * @param retryConfigs checked before.
 * @throws TlsError `handshake/ech-rejected`.
 */
export async function concludeEch(
  { config, ech }: AnsweredProposal,
  retryConfigs?: Bytes,
): Promise<HandshakeInfo["ech"]> {
  if (ech.status !== "rejected") return ech.status;
  const { echRejected } = await lazy();
  throw echRejected(config, retryConfigs);
}

/** The rest of ECH, which most connections do without. */
function lazy() {
  return loaded(import("./ech.ts"));
}

/** Numbers of the extensions that the server may answer, in a ServerHello and behind it. */
export function answerable({ offer, psks, ech }: Proposal): Set<number> {
  const { pre_shared_key, encrypted_client_hello } = extensionType;
  const numbers = new Set(offer.offered);
  // Without a key to go by, an answer to the outer hello's random ones has its own check.
  if (psks.length > 0 || ech.status === "rejected") numbers.add(pre_shared_key);
  // To the inner hello there is nothing to say of it (RFC 9849 §5).
  if ("extension" in ech) numbers.add(encrypted_client_hello);
  return numbers;
}
