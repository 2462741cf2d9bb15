/**
 * How the client answers a CertificateRequest: the messages that prove its identity, or decline.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { ClientConfig } from "../config.ts";
import type { Asked, Choice } from "../identity/read.ts";
import type { ConnectionInfo } from "../info.ts";
import {
  encodeCertificateVerify,
  encodeClientCertificate,
  encodeRawPublicKey12,
} from "../messages/client-certificate.ts";
import { handshakeType } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { HandshakeChannel } from "./channel.ts";
import { signedContent } from "./signed-content.ts";

/** The client's answer to a CertificateRequest: its Certificate first, its signature later. */
export class ClientAuthentication {
  readonly #version: ProtocolVersionName;
  readonly #chosen: Choice | undefined;

  private constructor(version: ProtocolVersionName, chosen: Choice | undefined) {
    this.#version = version;
    this.#chosen = chosen;
  }

  /**
   * Chooses an identity; without one, the client declines.
   *
   * @throws TlsError what {@link ClientIdentity.choose} does.
   */
  static async choose(
    { identity, serverName }: ClientConfig,
    asked: Asked,
  ): Promise<ClientAuthentication> {
    const chosen = await identity?.choose(asked, serverName);
    return new ClientAuthentication(asked.version, chosen);
  }

  get outcome(): Exclude<ConnectionInfo["clientCertificate"], "not-requested"> {
    return this.#chosen === undefined ? "declined" : "sent";
  }

  /** Sends Certificate, an empty one where the client declines (RFC 8446 §4.4.2, RFC 5246 §7.4.6). */
  async sendCertificate(channel: HandshakeChannel): Promise<void> {
    const { certificateType, certificates } = this.#chosen?.identity ?? { certificates: [] };
    const [rawPublicKey] = certificateType === "RawPublicKey" ? certificates : [];
    await channel.send(
      handshakeType.certificate,
      rawPublicKey !== undefined && this.#version === "TLSv1.2"
        ? encodeRawPublicKey12(rawPublicKey)
        : encodeClientCertificate(this.#version, certificates),
    );
  }

  /**
   * Sends CertificateVerify where a certificate was sent.
   *
   * @param transcript all messages so far in TLS 1.2 (RFC 5246 §7.4.8), their hash in TLS 1.3
   * (RFC 8446 §4.4.3).
   * @throws TlsError `identity/signing-failed`.
   */
  async sendVerify(channel: HandshakeChannel, transcript: () => Promise<Bytes>): Promise<void> {
    if (this.#chosen === undefined) return;
    const { identity, scheme } = this.#chosen;
    const bytes = await transcript();
    const content = this.#version === "TLSv1.2" ? bytes : signedContent("client", bytes);
    const signature = await identity.sign(scheme, content);
    const body = encodeCertificateVerify(scheme.number, signature);
    await channel.send(handshakeType.certificate_verify, body);
  }
}
