/**
 * The handshake of TLS 1.3 from the ServerHello on: in full (RFC 8446 §2, figure 1), or with a PSK in
 * place of the certificate (§2.2, figure 3), with or without early data (§2.3, figure 4).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import type { HandshakeInfo } from "../info.ts";
import { EarlyStage, type HandshakeStage } from "../keys/schedule.ts";
import { decodeCertificateVerify } from "../messages/certificate.ts";
import type { CertificateRequest } from "../messages/certificate-request.ts";
import { selectedCertificateType } from "../messages/certificate-type.ts";
import { checkAnswers, extensionType } from "../messages/extension.ts";
import { handshakeType, hex } from "../messages/registry.ts";
import {
  checkEmpty,
  checkSupportedGroups,
  decodeEncryptedExtensions,
} from "../messages/server-flight.ts";
import { decodeServerShare } from "../messages/server-hello.ts";
import type { NamedGroup } from "../named-group.ts";
import type { PresentedServer } from "../presented.ts";
import { Opener13, Sealer13 } from "../record/protection13.ts";
import type { CertificateTypeName } from "../server-options.ts";
import { selectedAlpn } from "./alpn.ts";
import { authenticationFor, readCertificateRequest } from "./certificate-request.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { EarlyData } from "./early-data.ts";
import type { Established } from "./established.ts";
import type { Greeting13 } from "./hello.ts";
import { checkRetryConfigs, concludeEch } from "./proposal.ts";
import { settleRecordSizeLimit } from "./record-size-limit.ts";
import { readCertificate13 } from "./server-certificate.ts";
import { signedContent } from "./signed-content.ts";
import { authenticatedPeer, knownIdentity, TicketKeeper } from "./tickets.ts";
import { VerifiedFinished, VerifiedSecret, VerifiedSignature } from "./verification.ts";
import { VerifiedPeer } from "./verified-peer.ts";

/** @throws TlsError any `handshake/`, `record/`, `certificate/` or `alert/` code. */
export async function handshake13(
  channel: HandshakeChannel,
  greeting: Greeting13,
  earlyData?: EarlyData,
): Promise<Established> {
  const { transcript } = channel;
  const { config, suite, psk, offered } = greeting;
  const hash = () => transcript.hash(config.crypto, suite.hash);
  if (psk === undefined && config.pskOnly) throw noPsk();

  const { group, sharedSecret } = await agreeOnSecret(greeting);
  config.trace?.({ kind: "settled", group: group.name });
  const early = psk?.early ?? (await EarlyStage.begin(config.crypto, suite.hash));
  const stage = await early.handshake(greeting, sharedSecret, await hash());
  channel.reader.changeKey(new Opener13(await stage.server.key()), channel.boundary());
  const sealer = new Sealer13(await stage.client.key());
  // Early data goes with the first PSK alone (RFC 8446 §4.2.10), which it began with.
  if (earlyData?.isUndecided && psk?.session === undefined) await earlyData.reject(channel, sealer);
  if (!earlyData?.isUndecided) {
    // At once, not only for the Finished: the server reads alerts too with this key from here on.
    await channel.disguise();
    await channel.writer.changeKey(sealer);
  }

  const encrypted = await receiveEncryptedExtensions(channel, config, offered);
  const { alpn } = encrypted;
  if (encrypted.acceptsEarlyData) earlyData?.accept(suite, alpn);
  else await earlyData?.reject(channel, sealer);
  const certified =
    psk === undefined
      ? await receiveAuthentication(channel, config, offered, encrypted.serverCertificateType, hash)
      : undefined;
  const finished = await receiveFinished(channel, stage, await hash());
  // Application keys cover the handshake up to here, without the client's flight (RFC 8446 §7.1).
  const application = await stage.application(await hash());
  channel.reader.changeKey(new Opener13(await application.server.key()), channel.boundary());

  if (earlyData?.isAccepted) await earlyData.end(channel, sealer);
  const { certificateType } = encrypted;
  const request = certified?.request;
  const authentication =
    request && (await authenticationFor(config, { version: "TLSv1.3", certificateType, request }));
  await authentication?.sendCertificate(channel);
  await authentication?.sendVerify(channel, hash);
  await channel.send(handshakeType.finished, await stage.client.finished(await hash()), {
    andThen: async () => new Sealer13(await application.client.key()),
  });
  const ech = await concludeEch(greeting, encrypted.retryConfigs);
  config.groupMemory.remember(config.serverName, group.name);

  const info: HandshakeInfo = {
    version: "TLSv1.3",
    cipherSuite: suite.name,
    group: group.name,
    ...(alpn === undefined ? {} : { alpn }),
    ...(earlyData === undefined ? {} : { earlyData: earlyData.outcome }),
    handshake: kindOf(greeting),
    extendedMasterSecret: true,
    ech,
    ...(certified === undefined
      ? knownIdentity(psk?.session, psk?.externalIdentity)
      : {
          clientCertificate: authentication?.outcome ?? "not-requested",
          signatureScheme: certified.signature.scheme.name,
          ...certified.peer.identity,
        }),
  };
  const { sessions } = greeting;
  return {
    authentication: certified ?? VerifiedSecret.confirm(finished, psk?.secret),
    finished,
    secrets: application,
    firstFinished: undefined,
    exporter: application.exporter,
    keepSession: undefined,
    tickets:
      sessions &&
      new TicketKeeper({
        sessions,
        secret: await application.resumption(await hash()),
        suite,
        alpn,
        peer: psk?.session?.peer ?? authenticatedPeer(info, config, certified?.peer.statusUntil),
        now: config.now,
      }),
    info,
  };
}

/** The server's key share has to be for a group that the last ClientHello had one for. */
async function agreeOnSecret({
  hello,
  shares,
}: Greeting13): Promise<{ group: NamedGroup; sharedSecret: Bytes }> {
  const body = hello.extensions.get(extensionType.key_share);
  if (body === undefined) {
    throw new TlsError(
      "handshake/missing-extension",
      "The server's ServerHello has no key_share (RFC 8446 §4.2.8).",
    );
  }
  const share = decodeServerShare(body);
  const group = shares.find(share.group);
  if (group === undefined) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server's key share is for the group ${hex(share.group)}, which it was not asked for.`,
    );
  }
  return { group, sharedSecret: await shares.agree(group, share.keyExchange) };
}

/** RFC 8446 §4.3.1. @returns what the server chose, and whether it takes early data. */
async function receiveEncryptedExtensions(
  channel: HandshakeChannel,
  config: ClientConfig,
  offered: ReadonlySet<number>,
): Promise<{
  alpn: string | undefined;
  certificateType: CertificateTypeName;
  serverCertificateType: CertificateTypeName;
  acceptsEarlyData: boolean;
  retryConfigs: Bytes | undefined;
}> {
  const message = await channel.expect(handshakeType.encrypted_extensions);
  const extensions = decodeEncryptedExtensions(message.body);
  checkAnswers(extensions, "EncryptedExtensions", offered);
  const serverName = extensions.get(extensionType.server_name);
  if (serverName !== undefined) checkEmpty(serverName, "server_name");
  const groups = extensions.get(extensionType.supported_groups);
  if (groups !== undefined) checkSupportedGroups(groups);
  settleRecordSizeLimit(channel, config, extensions, "TLSv1.3");
  const earlyData = extensions.get(extensionType.early_data);
  if (earlyData !== undefined) checkEmpty(earlyData, "early_data");
  const alpn = selectedAlpn(extensions, config);
  const certificateType = selectedCertificateType(
    extensions,
    "client_certificate_type",
    config.clientCertificateTypes,
  );
  const serverCertificateType = selectedCertificateType(
    extensions,
    "server_certificate_type",
    config.serverCertificateTypes,
  );
  const retryConfigs = extensions.get(extensionType.encrypted_client_hello);
  if (retryConfigs !== undefined) await checkRetryConfigs(retryConfigs);
  channel.transcript.add(message.encoded);
  return {
    alpn,
    certificateType,
    serverCertificateType,
    acceptsEarlyData: earlyData !== undefined,
    retryConfigs,
  };
}

/** What a server shows that authenticates itself by a certificate. */
interface Certified {
  readonly peer: VerifiedPeer;
  readonly signature: VerifiedSignature;
  /** Where the client is asked who it is too. */
  readonly request: CertificateRequest | undefined;
}

/** CertificateRequest, if there is one, Certificate and CertificateVerify (RFC 8446 §4.3.2, §4.4). */
async function receiveAuthentication(
  channel: HandshakeChannel,
  config: ClientConfig,
  offered: ReadonlySet<number>,
  type: CertificateTypeName,
  hash: () => Promise<Bytes>,
): Promise<Certified> {
  const { presented, request } = await receiveCertificate(channel, config, offered, type);
  const peer = await VerifiedPeer.verify(config, presented);
  const signature = await receiveCertificateVerify(channel, config, peer, await hash());
  return { peer, signature, request };
}

/**
 * RFC 8446 §4.3.2, §4.4.2.
 *
 * @returns who the server says it is, and what it asked of the client, if it did.
 */
async function receiveCertificate(
  channel: HandshakeChannel,
  config: ClientConfig,
  offered: ReadonlySet<number>,
  type: CertificateTypeName,
): Promise<{ presented: PresentedServer; request: CertificateRequest | undefined }> {
  const { certificate, compressed_certificate, certificate_request } = handshakeType;
  const either = config.decompressors.length > 0 ? [compressed_certificate] : [];
  let message = await channel.expect(certificate, certificate_request, ...either);
  let request: CertificateRequest | undefined;
  if (message.type === certificate_request) {
    request = await readCertificateRequest("TLSv1.3", message.body);
    channel.transcript.add(message.encoded);
    message = await channel.expect(certificate, ...either);
  }
  const presented = await readCertificate13(config, message, type, offered);
  channel.transcript.add(message.encoded);
  return { presented, request };
}

/** RFC 8446 §4.4.3. @param transcriptHash of ClientHello…Certificate. */
async function receiveCertificateVerify(
  channel: HandshakeChannel,
  config: ClientConfig,
  peer: VerifiedPeer,
  transcriptHash: Bytes,
): Promise<VerifiedSignature> {
  const message = await channel.expect(handshakeType.certificate_verify);
  const content = signedContent("server", transcriptHash);
  const verify = decodeCertificateVerify(message.body);
  const signature = await VerifiedSignature.verify(config, peer, "TLSv1.3", verify, content);
  channel.transcript.add(message.encoded);
  return signature;
}

/** RFC 8446 §4.4.4. @param transcriptHash of ClientHello…CertificateVerify. */
async function receiveFinished(
  channel: HandshakeChannel,
  stage: HandshakeStage,
  transcriptHash: Bytes,
): Promise<VerifiedFinished> {
  const message = await channel.expect(handshakeType.finished);
  const finished = await VerifiedFinished.verify(stage.server, message.body, transcriptHash);
  channel.transcript.add(message.encoded);
  return finished;
}

/** How the handshake went, in one word. */
function kindOf({ psk, wasRetried }: Greeting13): HandshakeInfo["handshake"] {
  if (psk?.session !== undefined) return wasRetried ? "resumed-hello-retry-request" : "resumed";
  return wasRetried ? "hello-retry-request" : "full";
}

function noPsk(): TlsError {
  return new TlsError(
    "handshake/missing-extension",
    "The server chose none of the keys in psk, and pskOnly takes no certificate instead. Check identity and key on both sides.",
  );
}
