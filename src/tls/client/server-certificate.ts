/**
 * The server's Certificate message, of the type that was agreed on: X.509 or a raw public key
 * (RFC 7250), compressed or not (RFC 8879).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { loaded } from "../../loaded.ts";
import type { ClientConfig } from "../config.ts";
import {
  decodeCertificate12,
  decodeCertificate13,
  decodeRawPublicKey12,
} from "../messages/certificate.ts";
import { handshakeType } from "../messages/registry.ts";
import type { PresentedServer } from "../presented.ts";
import type { HandshakeMessage } from "../record/handshake-joiner.ts";
import type { CertificateTypeName } from "../server-options.ts";

/**
 * Reads a Certificate or CompressedCertificate of TLS 1.3 (RFC 8446 §4.4.2, RFC 8879 §4).
 *
 * @param type that the server has chosen.
 * @param offered extensions of the ClientHello.
 */
export async function readCertificate13(
  config: ClientConfig,
  { type: messageType, body: received }: HandshakeMessage,
  type: CertificateTypeName,
  offered: ReadonlySet<number>,
): Promise<PresentedServer> {
  checkAccepted(config, type);
  const body =
    messageType === handshakeType.compressed_certificate
      ? await decompress(received, config)
      : received;
  const { certificates, status } = decodeCertificate13(body, offered);
  if (type === "RawPublicKey" && certificates.length > 1) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server sent ${certificates.length} raw public keys instead of one (RFC 8446 §4.4.2).`,
    );
  }
  return { certificateType: type, certificates, ...status };
}

/** Few servers compress theirs. */
async function decompress(received: Bytes, { decompressors }: ClientConfig): Promise<Bytes> {
  const { decompressCertificate } = await loaded(import("./compressed-certificate.ts"));
  return decompressCertificate(received, decompressors);
}

/** Reads a Certificate of TLS 1.2 (RFC 5246 §7.4.2, RFC 7250 §3). */
export function readCertificate12(
  config: ClientConfig,
  body: Bytes,
  type: CertificateTypeName,
): PresentedServer {
  checkAccepted(config, type);
  const certificates = type === "X509" ? decodeCertificate12(body) : [decodeRawPublicKey12(body)];
  return { certificateType: type, certificates };
}

/** X.509 is what a server has chosen too that does not know the extension (RFC 7250 §4.2). */
function checkAccepted({ serverCertificateTypes: types }: ClientConfig, type: CertificateTypeName) {
  if (types.includes(type)) return;
  throw new TlsError(
    "certificate/unsupported-type",
    `The server shows a certificate of the type ${type}, and only ${types.join(", ")} is accepted. Give roots to take certificates, or set up the server with a raw public key.`,
  );
}
