/**
 * HelloRetryRequest: the server wants another ClientHello (RFC 8446 §4.1.4). Loaded when one does.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import { maxCookie } from "../limits.ts";
import { checkAnswers, extensionType } from "../messages/extension.ts";
import {
  decodeCookie,
  decodeEchConfirmation,
  decodeSelectedGroup,
} from "../messages/hello-retry-request.ts";
import { hex } from "../messages/registry.ts";
import { isHelloRetryRequest, type ServerHello } from "../messages/server-hello.ts";
import type { NamedGroup } from "../named-group.ts";
import type { HandshakeChannel } from "./channel.ts";
import { KeyShares } from "./key-share.ts";
import { type OfferedPsk, selectedPsk } from "./pre-shared-key.ts";
import { type AnsweredProposal, answerable, type Proposal, sendHello } from "./proposal.ts";
import { checkHello13, illegal, type ReceivedHello, receiveServerHello } from "./received-hello.ts";

/** What a HelloRetryRequest asks for. */
export interface Retry {
  readonly group?: NamedGroup;
  readonly cookie?: Bytes;
}

/** What a HelloRetryRequest asks for (RFC 8446 §4.1.4); it has to change something. */
export function checkRetry(hello: ServerHello, proposed: Proposal, shares: KeyShares): Retry {
  checkAnswers(hello.extensions, "HelloRetryRequest", answerableByRetry(proposed));
  const ech = hello.extensions.get(extensionType.encrypted_client_hello);
  if (ech !== undefined) decodeEchConfirmation(ech);
  const cookie = hello.extensions.get(extensionType.cookie);
  const keyShare = hello.extensions.get(extensionType.key_share);
  const retry: { group?: NamedGroup; cookie?: Bytes } = {};
  if (cookie !== undefined) retry.cookie = checkCookie(decodeCookie(cookie));
  if (keyShare !== undefined) {
    const number = decodeSelectedGroup(keyShare);
    const group = proposed.config.groups.find((candidate) => candidate.number === number);
    if (group === undefined) throw illegal(`asks for the group ${hex(number)}, never offered`);
    if (shares.find(number) !== undefined) {
      throw illegal(`asks again for a key share of ${group.name}, which it has`);
    }
    retry.group = group;
  }
  if (cookie === undefined && keyShare === undefined) {
    throw illegal("sent a HelloRetryRequest that changes nothing");
  }
  return retry;
}

/** A cookie is sent back whole, beside all else that the ClientHello has to hold. */
function checkCookie(cookie: Bytes): Bytes {
  if (cookie.length <= maxCookie) return cookie;
  throw illegal(`sent a cookie of ${cookie.length} bytes; at most ${maxCookie} are sent back`);
}

/**
 * Numbers of the extensions that a HelloRetryRequest may answer: it says what became of the inner
 * hello (RFC 9849 §5).
 */
function answerableByRetry({ offer, ech }: Proposal): Set<number> {
  const isOffered = ech.status !== "not-offered";
  return new Set(
    isOffered ? [...offer.offered, extensionType.encrypted_client_hello] : offer.offered,
  );
}

/** What the second ClientHello came to. */
export interface RetriedHello {
  readonly hello: ServerHello;
  readonly shares: KeyShares;
  /** The PSK that the server chose. */
  readonly psk: OfferedPsk | undefined;
  /** Numbers of the extensions that the server may answer from here on. */
  readonly offered: ReadonlySet<number>;
}

/** Sends the second ClientHello, which a HelloRetryRequest asks for (RFC 8446 §4.1.4). */
export async function retryHello(
  channel: HandshakeChannel,
  first: ReceivedHello,
  answered: AnsweredProposal,
  { retry, shares, suite }: { retry: Retry; shares: KeyShares; suite: CipherSuite13 },
): Promise<RetriedHello> {
  const { config, offer, psks } = answered;
  const { group, cookie } = retry;
  // Its answer can't begin in the same record: the server has to wait for the second ClientHello.
  channel.boundary();
  channel.transcript.add(first.encoded);
  const newShares = group && (await KeyShares.generate(config.crypto, [group]));
  const usedShares = newShares ?? shares;
  await channel.disguise();
  // Those for another hash can't be chosen any more.
  const proposed = { ...answered, psks: psks.filter(({ hash }) => hash === suite.hash) };
  if (config.pskOnly && psks.length > 0 && proposed.psks.length === 0) throw noPskFor(suite);
  // Without another group, the key shares stay as they were (RFC 8446 §4.1.2).
  const entries = newShares?.entries ?? [...offer.greaseShares, ...shares.entries];
  await sendHello(channel, proposed, { shares: entries, cookie });

  const second = await receiveServerHello(channel);
  if (isHelloRetryRequest(second.hello)) {
    throw new TlsError(
      "handshake/unexpected-message",
      "The server sent a second HelloRetryRequest (RFC 8446 §4.1.4).",
    );
  }
  if (second.version !== "TLSv1.3") throw illegal("changed its version after HelloRetryRequest");
  if (checkHello13(second.hello, proposed) !== suite) {
    throw illegal("changed its cipher suite after HelloRetryRequest");
  }
  await checkStillAccepted(channel, proposed, second, suite);
  const offered = answerable(proposed);
  checkAnswers(second.hello.extensions, "ServerHello", offered);
  const psk = selectedPsk(second.hello, proposed.psks, suite);
  channel.transcript.add(second.encoded);
  return { hello: second.hello, shares: usedShares, psk, offered };
}

/**
 * Checks that the ServerHello behind a HelloRetryRequest confirms what that did.
 *
 * @throws TlsError `handshake/illegal-parameter` (RFC 9849 §6.1.5).
 */
async function checkStillAccepted(
  channel: HandshakeChannel,
  { ech }: AnsweredProposal,
  answer: { readonly hello: ServerHello; readonly encoded: Bytes },
  suite: CipherSuite13,
): Promise<void> {
  if (ech.status !== "accepted") return;
  if (await ech.hello.isConfirmedBy(answer, channel.transcript, suite)) return;
  throw new TlsError(
    "handshake/illegal-parameter",
    "The server accepted the encrypted ClientHello by its HelloRetryRequest, and not by its ServerHello (RFC 9849 §6.1.5).",
  );
}

/** Without a key, the second ClientHello would have to offer certificates (RFC 8446 §9.2). */
function noPskFor({ name, hash }: CipherSuite13): TlsError {
  return new TlsError(
    "handshake/no-common-suite",
    `The server asks for ${name}, and no key of psk is for its hash ${hash}, where pskOnly takes nothing else. Give the key an importer, or leave the suite out of cipherSuites.`,
  );
}
