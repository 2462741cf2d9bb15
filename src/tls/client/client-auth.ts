/**
 * How the client answers a CertificateRequest: the choice of an identity and of a signature scheme,
 * and the messages that prove it.
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { readableName } from "../../x509/distinguished-name.ts";
import type { ClientConfig } from "../config.ts";
import type { IdentityRequest } from "../identity/identity.ts";
import type { UsableIdentity } from "../identity/read.ts";
import type { ConnectionInfo } from "../info.ts";
import { type CertificateRequest, keyType, keyTypeName } from "../messages/certificate-request.ts";
import {
  encodeCertificateVerify,
  encodeClientCertificate,
  encodeRawPublicKey12,
} from "../messages/client-certificate.ts";
import { handshakeType, hex } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { CertificateTypeName } from "../server-options.ts";
import { type SignatureScheme, schemeFits, signatureSchemes } from "../signature-scheme.ts";
import type { HandshakeChannel } from "./channel.ts";

/** What was asked for, and how the connection is. */
export interface Asked {
  readonly version: ProtocolVersionName;
  readonly certificateType: CertificateTypeName;
  readonly request: CertificateRequest;
}

/** The client's answer to a CertificateRequest: its Certificate first, its signature later. */
export class ClientAuthentication {
  readonly #version: ProtocolVersionName;
  readonly #chosen: Choice | undefined;

  private constructor(version: ProtocolVersionName, chosen: Choice | undefined) {
    this.#version = version;
    this.#chosen = chosen;
  }

  /**
   * Chooses an identity: the first of those given that the server's request allows, with the first
   * of its schemes that the server takes. Without any given, or where a selector gives none, the
   * client declines.
   *
   * @throws TlsError `identity/not-usable` where there are identities and none fits: going on
   * without one would be another thing than the caller asked for. BoringSSL does the same, rustls
   * declines. Also what reading an identity throws, and `identity/selection-failed`.
   */
  static async choose(config: ClientConfig, asked: Asked): Promise<ClientAuthentication> {
    const { version } = asked;
    const identities = (await config.identity?.select(requestOf(config, asked))) ?? [];
    const reasons: string[] = [];
    for (const identity of identities) {
      const found = match(identity, asked);
      if (typeof found !== "string") return new ClientAuthentication(version, found);
      reasons.push(found);
    }
    if (reasons.length === 0) return new ClientAuthentication(version, undefined);
    throw new TlsError(
      "identity/not-usable",
      `The server asks for a client certificate, and none that was given fits: ${[...new Set(reasons)].join("; ")}.`,
    );
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
    const content = this.#version === "TLSv1.2" ? bytes : concat(signatureContext, bytes);
    const signature = await identity.sign(scheme, content);
    const body = encodeCertificateVerify(scheme.number, signature);
    await channel.send(handshakeType.certificate_verify, body);
  }
}

/** 64 spaces, the context and a zero, against signatures made for another purpose (RFC 8446 §4.4.3). */
const signatureContext = new TextEncoder().encode(
  `${" ".repeat(64)}TLS 1.3, client CertificateVerify\0`,
);

/** An identity, and how it signs. */
interface Choice {
  readonly identity: UsableIdentity;
  readonly scheme: SignatureScheme;
}

/** @returns a clause that says why not, where it does not fit. */
function match(
  identity: UsableIdentity,
  { version, certificateType, request }: Asked,
): Choice | string {
  const { publicKey, schemes, requiredAuthorities } = identity;
  if (identity.certificateType !== certificateType) {
    return `it wants the type ${certificateType}, not ${identity.certificateType}`;
  }
  const type = publicKey.kind.startsWith("rsa") ? keyType.rsa_sign : keyType.ecdsa_sign;
  if (request.keyTypes !== undefined && !request.keyTypes.includes(type)) {
    return `it takes no ${publicKey.kind} key, only ${listed(request.keyTypes.map(keyTypeName))}`;
  }
  if (requiredAuthorities !== undefined && request.authorities.length > 0) {
    const isNamed = (issuer: Bytes) =>
      request.authorities.some((name) => equalPublic(name, issuer));
    if (!requiredAuthorities.some(isNamed)) {
      return "it names no authority that has issued the certificate";
    }
  }
  const scheme = schemes.find(
    (one) => request.schemes.includes(one.number) && schemeFits(one, publicKey, version),
  );
  if (scheme !== undefined) return { identity, scheme };
  const wanted = listed(request.schemes.map(schemeName));
  const can = listed(schemes.map(({ name }) => name));
  return `it takes signatures in ${version} by ${wanted}, and the key signs by ${can}`;
}

/** For a message: a server may name thousands. */
function listed(names: readonly string[]): string {
  return names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
}

function requestOf(
  { serverName }: ClientConfig,
  { version, certificateType, request }: Asked,
): IdentityRequest {
  const { authorities, schemes, certificateSchemes, keyTypes } = request;
  return {
    version,
    servername: serverName.kind === "dns" ? serverName.name : serverName.text,
    certificateType,
    authorities: authorities.map((name) => ({ der: name.slice(), text: readableName(name) })),
    signatureSchemes: schemes.map(schemeName),
    ...(certificateSchemes && { certificateSignatureSchemes: certificateSchemes.map(schemeName) }),
    ...(keyTypes && { keyTypes: keyTypes.map(keyTypeName) }),
  };
}

function schemeName(number: number): string {
  return signatureSchemes.find((scheme) => scheme.number === number)?.name ?? hex(number);
}
