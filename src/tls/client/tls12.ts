/**
 * The full handshake of TLS 1.2 from the ServerHello on (RFC 5246 §7.3, figure 1; RFC 8422).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import type { CipherSuite12 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import type { HandshakeInfo } from "../info.ts";
import { Exporter12 } from "../keys/exporter12.ts";
import { MasterSecret12, type Randoms } from "../keys/prf.ts";
import type { CertificateRequest } from "../messages/certificate-request.ts";
import { decodeOcspResponse, timestampsOf } from "../messages/certificate-status.ts";
import { selectedCertificateType } from "../messages/certificate-type.ts";
import { type Extensions, extensionType } from "../messages/extension.ts";
import { handshakeType, hex } from "../messages/registry.ts";
import {
  checkEmpty,
  decodeServerKeyExchange,
  type ServerKeyExchange,
} from "../messages/server-flight.ts";
import { Writer } from "../messages/writer.ts";
import { isOnOffered, type NamedGroup } from "../named-group.ts";
import type { PresentedServer } from "../presented.ts";
import type { HandshakeMessage } from "../record/handshake-joiner.ts";
import { authenticationFor, readCertificateRequest } from "./certificate-request.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EarlyData } from "./early-data.ts";
import type { Established } from "./established.ts";
import { receiveFinished12, receiveTicket12, sendFinished12 } from "./finished12.ts";
import type { Greeting12 } from "./hello.ts";
import { KeyShares } from "./key-share.ts";
import { concludeEch } from "./proposal.ts";
import { settleRecordSizeLimit } from "./record-size-limit.ts";
import { readCertificate12 } from "./server-certificate.ts";
import { readAnswers12 } from "./server-hello12.ts";
import { named12 } from "./session12.ts";
import { authenticatedPeer } from "./tickets.ts";
import { resume12 } from "./tls12-resumed.ts";
import { VerifiedSignature } from "./verification.ts";
import { VerifiedPeer } from "./verified-peer.ts";

/** @throws TlsError any `handshake/`, `record/`, `certificate/` or `alert/` code. */
export async function handshake12(
  channel: HandshakeChannel,
  greeting: Greeting12,
  earlyData?: EarlyData,
): Promise<Established> {
  const { transcript } = channel;
  const { config, suite, offer, hello, sessions, resumed } = greeting;
  if (resumed !== undefined) return resume12(channel, greeting, resumed, earlyData);
  const hash = () => transcript.hash(config.crypto, suite.hash);
  const randoms: Randoms = { client: offer.random, server: hello.random };

  const answers = readAnswers12(hello.extensions, config);
  const { alpn, isExtended, certificateType } = answers;
  settleRecordSizeLimit(channel, config, hello.extensions, "TLSv1.2");
  const { presented, next } = await receiveCertificate(channel, config, hello.extensions);
  const peer = await VerifiedPeer.verify(config, presented);
  checkAuthentication(suite, config, peer);
  const { exchange, signature } = await readKeyExchange(channel, config, peer, randoms, next);
  const request = await receiveServerHelloDone(channel);
  const authentication =
    request && (await authenticationFor(config, { version: "TLSv1.2", certificateType, request }));

  const { group, shares, premaster } = await agreeOnSecret(config, exchange);
  config.trace?.({ kind: "settled", group: group.name });
  await authentication?.sendCertificate(channel);
  const publicKey = Writer.build((w) => w.vector(1, () => w.bytes(shares.publicKey)));
  await channel.send(handshakeType.client_key_exchange, publicKey);
  // The session hash ends with the ClientKeyExchange (RFC 7627 §3).
  const master = await MasterSecret12.derive(
    config.crypto,
    suite,
    premaster,
    randoms,
    isExtended ? { kind: "extended", sessionHash: await hash() } : { kind: "classic" },
  );
  greeting.keyLog.log("CLIENT_RANDOM", master.bytes);
  const keys = await master.keys(randoms);
  await authentication?.sendVerify(channel, async () => transcript.bytes());

  const firstFinished = await sendFinished12(channel, master, keys.client, hash);
  const ticket = answers.issuesTicket ? await receiveTicket12(channel) : undefined;
  const finished = await receiveFinished12(channel, master, keys.server, hash);
  const ech = await concludeEch(greeting);

  const info: HandshakeInfo = {
    version: "TLSv1.2",
    cipherSuite: suite.name,
    group: group.name,
    signatureScheme: signature.scheme.name,
    ...(alpn === undefined ? {} : { alpn }),
    ...(earlyData === undefined ? {} : { earlyData: earlyData.outcome }),
    handshake: "full",
    extendedMasterSecret: isExtended,
    ech,
    clientCertificate: authentication?.outcome ?? "not-requested",
    ...peer.identity,
  };
  const nameSession = () => {
    const known = authenticatedPeer(info, config, peer.statusUntil);
    const secret = { secret: master.bytes, extendedMasterSecret: isExtended };
    const unnamed = { version: "TLSv1.2", suite, group, peer: known, ...secret } as const;
    return named12(unnamed, hello.sessionId, ticket, config);
  };
  const session = sessions && nameSession();
  return {
    authentication: { peer, signature },
    finished,
    secrets: undefined,
    tickets: undefined,
    keepSession: session && (() => void sessions?.put(session)),
    exporter: isExtended ? new Exporter12(master, randoms) : undefined,
    firstFinished,
    info,
  };
}

/**
 * RFC 5246 §7.4.2, RFC 6066 §8: a server that has agreed to staple an OCSP response may still leave
 * out its message, which only the next one shows.
 *
 * @returns also that next message, where it had to be read.
 */
async function receiveCertificate(
  channel: HandshakeChannel,
  config: ClientConfig,
  extensions: Extensions,
): Promise<{ presented: PresentedServer; next?: HandshakeMessage }> {
  const { certificate, certificate_status, server_key_exchange } = handshakeType;
  const message = await channel.expect(certificate);
  const type = selectedCertificateType(
    extensions,
    "server_certificate_type",
    config.serverCertificateTypes,
  );
  const presented: PresentedServer = {
    ...readCertificate12(config, message.body, type),
    ...timestampsOf(extensions),
  };
  channel.transcript.add(message.encoded);
  const status = extensions.get(extensionType.status_request);
  if (status === undefined) return { presented };
  checkEmpty(status, "status_request");
  const next = await channel.expect(certificate_status, server_key_exchange);
  if (next.type === server_key_exchange) return { presented, next };
  const ocspResponse = decodeOcspResponse(next.body);
  channel.transcript.add(next.encoded);
  return { presented: { ...presented, ocspResponse } };
}

/** The kinds of key for each kind of suite; EdDSA counts as ECDSA (RFC 8422 §5.10). */
const authenticationKeys: Readonly<
  Record<CipherSuite12["authentication"], readonly PublicKey["kind"][]>
> = { ecdsa: ["ec", "ed25519"], rsa: ["rsa", "rsa-pss"] };

/**
 * The certificate's key has to be of the kind that the suite names, and on a curve that was offered
 * (RFC 8422 §5.3): before TLS 1.3, supported_groups stands for those of certificates too.
 */
function checkAuthentication(
  suite: CipherSuite12,
  { groups }: ClientConfig,
  { publicKey }: VerifiedPeer,
): void {
  if (!authenticationKeys[suite.authentication].includes(publicKey.kind)) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server's certificate has an ${publicKey.kind} key, which ${suite.name} can't use.`,
    );
  }
  if (!isOnOffered(groups, publicKey)) {
    throw new TlsError(
      "handshake/illegal-parameter",
      "The server's certificate has a key on a curve that is not among the groups offered.",
    );
  }
}

/** RFC 8422 §5.4: an ephemeral key, signed together with both randoms. */
async function readKeyExchange(
  channel: HandshakeChannel,
  config: ClientConfig,
  peer: VerifiedPeer,
  randoms: Randoms,
  next: HandshakeMessage | undefined,
): Promise<{ exchange: ServerKeyExchange; signature: VerifiedSignature }> {
  const message = next ?? (await channel.expect(handshakeType.server_key_exchange));
  const exchange = decodeServerKeyExchange(message.body);
  const content = concat(randoms.client, randoms.server, exchange.params);
  const signature = await VerifiedSignature.verify(config, peer, "TLSv1.2", exchange, content);
  channel.transcript.add(message.encoded);
  return { exchange, signature };
}

/** RFC 5246 §7.4.4, §7.4.5. @returns what the client was asked for, if it was. */
async function receiveServerHelloDone(
  channel: HandshakeChannel,
): Promise<CertificateRequest | undefined> {
  const { certificate_request, server_hello_done } = handshakeType;
  let message = await channel.expect(certificate_request, server_hello_done);
  let request: CertificateRequest | undefined;
  if (message.type === certificate_request) {
    request = await readCertificateRequest("TLSv1.2", message.body);
    channel.transcript.add(message.encoded);
    message = await channel.expect(server_hello_done);
  }
  checkEmpty(message.body, "ServerHelloDone");
  channel.transcript.add(message.encoded);
  // The server has to wait for the client: there is nothing that could begin in the same record.
  channel.boundary();
  return request;
}

/** Makes the client's key in the group of the server's; those with ML-KEM are not for TLS 1.2. */
async function agreeOnSecret(
  { crypto, groups }: ClientConfig,
  exchange: ServerKeyExchange,
): Promise<{ group: NamedGroup; shares: KeyShares; premaster: Bytes }> {
  const group = groups.find(({ number, kem }) => number === exchange.group && kem === undefined);
  if (group === undefined) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server's key is in the group ${hex(exchange.group)}, which was not offered for TLS 1.2.`,
    );
  }
  const shares = await KeyShares.generate(crypto, [group]);
  return { group, shares, premaster: await shares.agree(group, exchange.publicKey) };
}
