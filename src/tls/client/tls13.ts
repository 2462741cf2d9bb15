/**
 * The full handshake of TLS 1.3 from the ServerHello on (RFC 8446 §2, figure 1).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { EarlyStage, type HandshakeStage } from "../keys/schedule.ts";
import { decodeCertificate13, decodeCertificateVerify } from "../messages/certificate.ts";
import {
  type CertificateRequest,
  decodeCertificateRequest13,
} from "../messages/certificate-request.ts";
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
import type { HandshakeChannel } from "./channel.ts";
import { ClientAuthentication } from "./client-auth.ts";
import type { Established } from "./established.ts";
import type { Greeting13 } from "./hello.ts";
import { settleRecordSizeLimit } from "./record-size-limit.ts";
import { VerifiedFinished, VerifiedSignature } from "./verification.ts";
import { VerifiedPeer } from "./verified-peer.ts";

/** @throws TlsError any `handshake/`, `record/`, `certificate/` or `alert/` code. */
export async function handshake13(
  channel: HandshakeChannel,
  config: ClientConfig,
  greeting: Greeting13,
): Promise<Established> {
  const { transcript } = channel;
  const { suite, offer, wasRetried } = greeting;
  const hash = () => transcript.hash(config.crypto, suite.hash);

  const { group, sharedSecret } = await agreeOnSecret(greeting);
  config.trace?.({ kind: "settled", group: group.name });
  const early = await EarlyStage.begin(config.crypto, suite.hash);
  const stage = await early.handshake(greeting, sharedSecret, await hash());
  channel.reader.changeKey(new Opener13(await stage.server.key()), channel.boundary());
  // At once, not only for the Finished: the server reads alerts too with this key from here on.
  // In front goes what middleboxes want to see; a second ClientHello had it already (RFC 8446
  // appendix D.4).
  if (!wasRetried) await channel.sendChangeCipherSpec();
  await channel.writer.changeKey(new Sealer13(await stage.client.key()));

  const { alpn, certificateType } = await receiveEncryptedExtensions(
    channel,
    config,
    offer.offered,
  );
  const { presented, request } = await receiveCertificate(channel, offer.offered);
  const peer = await VerifiedPeer.verify(config, presented);
  const signature = await receiveCertificateVerify(channel, config, peer, await hash());
  const finished = await receiveFinished(channel, stage, await hash());
  // Application keys cover the handshake up to here, without the client's flight (RFC 8446 §7.1).
  const application = await stage.application(await hash());
  channel.reader.changeKey(new Opener13(await application.server.key()), channel.boundary());

  const authentication =
    request &&
    (await ClientAuthentication.choose(config, { version: "TLSv1.3", certificateType, request }));
  await authentication?.sendCertificate(channel);
  await authentication?.sendVerify(channel, hash);
  await channel.send(handshakeType.finished, await stage.client.finished(await hash()), {
    andThen: async () => new Sealer13(await application.client.key()),
  });
  config.groupMemory.remember(config.serverName, group.name);

  return {
    peer,
    signature,
    finished,
    secrets: application,
    exporter: application.exporter,
    info: {
      version: "TLSv1.3",
      cipherSuite: suite.name,
      group: group.name,
      signatureScheme: signature.scheme.name,
      ...(alpn === undefined ? {} : { alpn }),
      handshake: wasRetried ? "hello-retry-request" : "full",
      extendedMasterSecret: true,
      clientCertificate: authentication?.outcome ?? "not-requested",
      ...peer.identity,
    },
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

/** RFC 8446 §4.3.1. @returns the application protocol, and what the client has to show. */
async function receiveEncryptedExtensions(
  channel: HandshakeChannel,
  config: ClientConfig,
  offered: ReadonlySet<number>,
): Promise<{ alpn: string | undefined; certificateType: CertificateTypeName }> {
  const message = await channel.expect(handshakeType.encrypted_extensions);
  const extensions = decodeEncryptedExtensions(message.body);
  checkAnswers(extensions, "EncryptedExtensions", offered);
  const serverName = extensions.get(extensionType.server_name);
  if (serverName !== undefined) checkEmpty(serverName, "server_name");
  const groups = extensions.get(extensionType.supported_groups);
  if (groups !== undefined) checkSupportedGroups(groups);
  settleRecordSizeLimit(channel, config, extensions, "TLSv1.3");
  const alpn = selectedAlpn(extensions, config);
  const certificateType = selectedCertificateType(
    extensions,
    "client_certificate_type",
    config.clientCertificateTypes,
  );
  channel.transcript.add(message.encoded);
  return { alpn, certificateType };
}

/**
 * RFC 8446 §4.3.2, §4.4.2.
 *
 * @returns who the server says it is, and what it asked of the client, if it did.
 */
async function receiveCertificate(
  channel: HandshakeChannel,
  offered: ReadonlySet<number>,
): Promise<{ presented: PresentedServer; request: CertificateRequest | undefined }> {
  const { certificate, certificate_request } = handshakeType;
  let message = await channel.expect(certificate, certificate_request);
  let request: CertificateRequest | undefined;
  if (message.type === certificate_request) {
    request = decodeCertificateRequest13(message.body);
    channel.transcript.add(message.encoded);
    message = await channel.expect(certificate);
  }
  const { certificates, status } = decodeCertificate13(message.body, offered);
  channel.transcript.add(message.encoded);
  return { presented: { certificateType: "X509", certificates, ...status }, request };
}

/** RFC 8446 §4.4.3. @param transcriptHash of ClientHello…Certificate. */
async function receiveCertificateVerify(
  channel: HandshakeChannel,
  config: ClientConfig,
  peer: VerifiedPeer,
  transcriptHash: Bytes,
): Promise<VerifiedSignature> {
  const message = await channel.expect(handshakeType.certificate_verify);
  const content = concat(serverSignatureContext, transcriptHash);
  const verify = decodeCertificateVerify(message.body);
  const signature = await VerifiedSignature.verify(config, peer, "TLSv1.3", verify, content);
  channel.transcript.add(message.encoded);
  return signature;
}

/** 64 spaces, the context and a zero, against signatures made for another purpose (RFC 8446 §4.4.3). */
const serverSignatureContext = new TextEncoder().encode(
  `${" ".repeat(64)}TLS 1.3, server CertificateVerify\0`,
);

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
