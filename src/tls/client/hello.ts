/**
 * The first flight: ClientHello, a HelloRetryRequest if the server sends one, and the ServerHello
 * that settles the version (RFC 8446 §4.1).
 *
 * @module
 */

import { equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { loaded } from "../../loaded.ts";
import type { CipherSuite12, CipherSuite13 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import { checkAnswers, extensionType } from "../messages/extension.ts";
import { wireVersion } from "../messages/registry.ts";
import {
  downgradeSentinel,
  isHelloRetryRequest,
  type ServerHello,
} from "../messages/server-hello.ts";
import type { Tls12Session } from "../session/session.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EarlyData } from "./early-data.ts";
import type { KeyShares } from "./key-share.ts";
import { type OfferedPsk, selectedPsk } from "./pre-shared-key.ts";
import {
  type AnsweredProposal,
  answerable,
  type Proposal,
  propose,
  sendHello,
  settleEch,
} from "./proposal.ts";
import {
  checkHello13,
  illegal,
  noCommonVersion,
  type ReceivedHello,
  receiveServerHello,
  selectedSuite,
} from "./received-hello.ts";

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
    const { checkRetry, retryHello } = await loaded(import("./retry.ts"));
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
