/**
 * The first flight: ClientHello, a HelloRetryRequest if the server sends one, and the ServerHello
 * that settles the version (RFC 8446 §4.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import {
  type CipherSuite,
  type CipherSuite12,
  type CipherSuite13,
  describeSuite,
} from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import { maxCookie } from "../limits.ts";
import { checkAnswers, extensionType } from "../messages/extension.ts";
import { handshakeType, hex, wireVersion } from "../messages/registry.ts";
import {
  decodeCookie,
  decodeEchConfirmation,
  decodeSelectedGroup,
  decodeSelectedVersion,
  decodeServerHello,
  downgradeSentinel,
  isHelloRetryRequest,
  type ServerHello,
} from "../messages/server-hello.ts";
import type { NamedGroup } from "../named-group.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { Tls12Session } from "../session/session.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EarlyData } from "./early-data.ts";
import { KeyShares } from "./key-share.ts";
import { type OfferedPsk, selectedPsk } from "./pre-shared-key.ts";
import {
  type AnsweredProposal,
  answerable,
  answerableByRetry,
  checkStillAccepted,
  type Proposal,
  propose,
  sendHello,
  settleEch,
} from "./proposal.ts";

/** What the hellos settled: the ClientHello that is answered, and the answer. */
interface Greeting extends AnsweredProposal {
  readonly hello: ServerHello;
}

export interface Greeting13 extends Greeting {
  readonly suite: CipherSuite13;
  readonly shares: KeyShares;
  /** The PSK that the server chose. */
  readonly psk: OfferedPsk | undefined;
  /** Numbers of the extensions that the server may answer from here on. */
  readonly offered: ReadonlySet<number>;
  readonly wasRetried: boolean;
}

export interface Greeting12 extends Greeting {
  readonly suite: CipherSuite12;
  /** The session that was offered, and that the server resumes. */
  readonly resumed: Tls12Session | undefined;
}

/**
 * Sends the ClientHello and takes the answer, by way of a HelloRetryRequest if need be.
 *
 * @param earlyData goes along where a session allows it.
 * @throws TlsError `handshake/` codes of table E for each answer that is not one to what was asked.
 */
export async function exchangeHellos(
  channel: HandshakeChannel,
  config: ClientConfig,
  earlyData?: EarlyData,
): Promise<Greeting13 | Greeting12> {
  const { crypto } = config;
  const proposed = await propose(config);
  const { offer, psks, keyLog } = proposed;
  const [firstPsk] = psks;
  // Without TLS 1.3, the group is for the server to choose.
  const shares = offer.offers("TLSv1.3") ? await config.firstShares.take() : undefined;
  const earlyPsk = earlyData?.fits(firstPsk, proposed.config) ? firstPsk : undefined;
  const parts = {
    shares: [...offer.greaseShares, ...(shares?.entries ?? [])],
    hasEarlyData: earlyPsk !== undefined,
  };
  // Some servers want TLS 1.0 in the first record's header (RFC 8446 §5.1, appendix D.5).
  await sendHello(channel, proposed, parts, { version: wireVersion.tls10 });
  if (earlyPsk !== undefined) {
    const hash = await channel.transcript.hash(crypto, earlyPsk.hash);
    await earlyData?.send(channel, earlyPsk, keyLog, hash);
  }

  const first = await receiveServerHello(channel);
  const { hello } = first;
  if (first.version === "TLSv1.2") {
    earlyData?.refuseTls12();
    const answered = await settleEch(channel, proposed, first);
    return { ...answered, hello, ...acceptTls12(first, answered, channel) };
  }
  if (shares === undefined) throw noCommonVersion(wireVersion.tls13);
  channel.settleVersion("TLSv1.3");
  const suite = checkHello13(hello, proposed);
  if (isHelloRetryRequest(hello)) {
    await earlyData?.reject(channel, undefined);
    const retry = checkRetry(hello, proposed, shares);
    const answered = await settleEch(channel, proposed, first, suite);
    const second = await retryHello(channel, first, answered, { retry, shares, suite });
    return { ...answered, ...second, suite, wasRetried: true };
  }
  const answered = await settleEch(channel, proposed, first, suite);
  const offered = answerable(answered);
  checkAnswers(hello.extensions, "ServerHello", offered);
  const psk = selectedPsk(hello, answered.psks, suite);
  // It goes with the first PSK only (RFC 8446 §4.2.10), and another ClientHello has none.
  if (psk !== undefined && psk === earlyPsk) offered.add(extensionType.early_data);
  channel.transcript.add(first.encoded);
  return { ...answered, hello, suite, shares, psk, offered, wasRetried: false };
}

/** What a HelloRetryRequest asks for. */
interface Retry {
  readonly group?: NamedGroup;
  readonly cookie?: Bytes;
}

/** Sends the second ClientHello, which a HelloRetryRequest asks for (RFC 8446 §4.1.4). */
async function retryHello(
  channel: HandshakeChannel,
  first: ReceivedHello,
  answered: AnsweredProposal,
  { retry, shares, suite }: { retry: Retry; shares: KeyShares; suite: CipherSuite13 },
): Promise<Pick<Greeting13, "hello" | "shares" | "psk" | "offered">> {
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

interface ReceivedHello {
  readonly hello: ServerHello;
  readonly version: ProtocolVersionName;
  readonly encoded: Bytes;
}

async function receiveServerHello(channel: HandshakeChannel): Promise<ReceivedHello> {
  const message = await channel.expect(handshakeType.server_hello);
  const hello = decodeServerHello(message.body);
  return { hello, version: selectedVersion(hello), encoded: message.encoded };
}

/** RFC 8446 §4.2.1: the extension alone speaks for TLS 1.3, the old field for what came before. */
function selectedVersion({ legacyVersion, extensions }: ServerHello): ProtocolVersionName {
  const selected = extensions.get(extensionType.supported_versions);
  if (selected === undefined) {
    if (legacyVersion === wireVersion.tls12) return "TLSv1.2";
    throw noCommonVersion(legacyVersion);
  }
  if (legacyVersion !== wireVersion.tls12) {
    throw illegal(`has ${hex(legacyVersion)} as legacy_version, where TLS 1.3 has 0x0303`);
  }
  const version = decodeSelectedVersion(selected);
  if (version === wireVersion.tls13) return "TLSv1.3";
  throw illegal(`selected the version ${hex(version)} by supported_versions`);
}

function noCommonVersion(version: number): TlsError {
  const names = new Map<number, string>([
    [0x0300, "SSL 3.0"],
    [wireVersion.tls10, "TLS 1.0"],
    [wireVersion.tls11, "TLS 1.1"],
    [wireVersion.tls12, "TLS 1.2"],
    [wireVersion.tls13, "TLS 1.3"],
  ]);
  return new TlsError(
    "handshake/no-common-version",
    `The server chose ${names.get(version) ?? hex(version)}, which is not offered here. Update it, or check minVersion and maxVersion.`,
  );
}

/** The checks that a ServerHello of TLS 1.3 and a HelloRetryRequest share (RFC 8446 §4.1.3). */
function checkHello13(hello: ServerHello, { offer, config }: Proposal): CipherSuite13 {
  if (hello.compressionMethod !== 0 && isHelloRetryRequest(hello)) {
    // RFC 8446 §4.1.3 fixes the byte and names no alert. BoringSSL and rustls: a message that can't
    // be read.
    throw new TlsError("handshake/decode-error", "The server's HelloRetryRequest compresses.");
  }
  if (!equalPublic(hello.sessionId, offer.sessionId)) throw illegal("echoed another session id");
  const suite = selectedSuite(hello, config);
  if (suite.version === "TLSv1.3") return suite;
  throw illegal(`chose ${suite.name}, a suite of TLS 1.2, in TLS 1.3`);
}

/** Null compression, and a suite that was offered. */
function selectedSuite(hello: ServerHello, { suites }: ClientConfig): CipherSuite {
  if (hello.compressionMethod !== 0) throw illegal("chose to compress");
  const suite = suites.find(({ number }) => number === hello.cipherSuite);
  if (suite !== undefined) return suite;
  throw illegal(`chose ${describeSuite(hello.cipherSuite)}, which was not offered`);
}

/** What a HelloRetryRequest asks for (RFC 8446 §4.1.4); it has to change something. */
function checkRetry(hello: ServerHello, proposed: Proposal, shares: KeyShares): Retry {
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

/** The checks of a ServerHello of TLS 1.2 (RFC 5246 §7.4.1.3, RFC 8446 §4.1.3). */
function acceptTls12(
  { hello, encoded }: ReceivedHello,
  { offer, config, session12 }: Proposal,
  channel: HandshakeChannel,
): Pick<Greeting12, "suite" | "resumed"> {
  if (!offer.offers("TLSv1.2")) throw noCommonVersion(wireVersion.tls12);
  // It was offered for this to be said by somebody who knows why, as BoringSSL does.
  if (config.pskOnly) {
    throw new TlsError(
      "handshake/no-common-version",
      "The server chose TLS 1.2, which can't be authenticated by a key of psk alone, as pskOnly demands. Update it, or do without pskOnly.",
    );
  }
  channel.settleVersion("TLSv1.2");
  const sentinel = downgradeSentinel(hello.random);
  if (sentinel === "TLSv1.1 or below" || (sentinel === "TLSv1.2" && offer.offers("TLSv1.3"))) {
    throw new TlsError(
      "handshake/downgrade",
      "The server speaks a newer version than this handshake came to: somebody on the way forces an older one (RFC 8446 §4.1.3).",
    );
  }
  const suite = selectedSuite(hello, config);
  if (suite.version === "TLSv1.3") throw illegal(`chose ${suite.name}, a suite of TLS 1.3, in 1.2`);
  // By this the server says that it resumes (RFC 5246 §7.4.1.3, RFC 5077 §3.4).
  const resumes = offer.sessionId.length > 0 && equalPublic(hello.sessionId, offer.sessionId);
  // The session id may have been made up for middleboxes.
  if (resumes && session12 === undefined) throw illegal("resumes a session that never was");
  checkAnswers(hello.extensions, "ServerHello of TLS 1.2", offer.offered);
  channel.transcript.add(encoded);
  return { suite, resumed: resumes ? session12 : undefined };
}

/** Without a key, the second ClientHello would have to offer certificates (RFC 8446 §9.2). */
function noPskFor({ name, hash }: CipherSuite13): TlsError {
  return new TlsError(
    "handshake/no-common-suite",
    `The server asks for ${name}, and no key of psk is for its hash ${hash}, where pskOnly takes nothing else. Give the key an importer, or leave the suite out of cipherSuites.`,
  );
}

function illegal(what: string): TlsError {
  return new TlsError("handshake/illegal-parameter", `The server ${what}.`);
}
