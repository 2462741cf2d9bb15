/**
 * What the scripted server makes of a client's Certificate and CertificateVerify: Node's own OpenSSL
 * verifies the signature.
 *
 * @module
 */

import { constants, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { Reader } from "../../src/tls/messages/reader.ts";
import { handshakeType } from "../../src/tls/messages/registry.ts";
import type { CertificateTypeName } from "../../src/tls/server-options.ts";
import { hashOf, isPss, scheme } from "./signing.ts";
import type { PeerWire } from "./wire.ts";

/** A client that has shown a certificate, and still has to prove it. */
export interface Claim {
  readonly key: KeyObject;
}

/**
 * Reads the Certificate that a client was asked for.
 *
 * @returns undefined where it declines.
 */
export function readClientCertificate(
  version: "TLSv1.3" | "TLSv1.2",
  type: CertificateTypeName,
  body: Bytes,
): Claim | undefined {
  const first = version === "TLSv1.3" ? firstOf13(body) : firstOf12(body, type);
  if (first === undefined) return undefined;
  const key =
    type === "X509"
      ? new X509Certificate(first).publicKey
      : createPublicKey({ key: Buffer.from(first), format: "der", type: "spki" });
  return { key };
}

/** RFC 8446 §4.4.2: no context, no extensions. */
function firstOf13(body: Bytes): Bytes | undefined {
  const entries = Reader.parse(body, "Certificate of the client", (r) => {
    if (r.vector(1).length !== 0) throw new Error("the client sent a request context");
    return r.list(3, 0, (entry) => {
      const certificate = entry.vector(3, 1);
      if (entry.vector(2).length !== 0) throw new Error("the client sent extensions");
      return certificate;
    });
  });
  return entries[0];
}

/** RFC 5246 §7.4.6, RFC 7250 §3. */
function firstOf12(body: Bytes, type: CertificateTypeName): Bytes | undefined {
  return Reader.parse(body, "Certificate of the client", (r) => {
    if (type === "X509") return r.list(3, 0, (entry) => entry.vector(3, 1))[0];
    const key = r.vector(3);
    return key.length === 0 ? undefined : key;
  });
}

/** Takes the client's CertificateVerify. @throws where the signature is not right. */
export async function receiveClientVerify(
  wire: PeerWire,
  { key }: Claim,
  content: Bytes,
): Promise<void> {
  const message = await wire.expect(handshakeType.certificate_verify);
  const { number, signature } = Reader.parse(message.body, "CertificateVerify", (r) => ({
    number: r.u16(),
    signature: r.vector(2),
  }));
  wire.transcript.add(message.encoded);
  if (!isRight(number, key, content, signature)) throw new Error("the client's signature is wrong");
}

function isRight(number: number, key: KeyObject, content: Bytes, signature: Bytes): boolean {
  if (number === scheme.ed25519) return verify(null, content, key, signature);
  if (!isPss(number)) return verify(hashOf(number), content, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return verify(hashOf(number), content, { key, padding, saltLength }, signature);
}
