/**
 * Types of certificates, X.509 or raw public keys, and the extensions that agree on them (RFC 7250).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { type CertificateTypeName, certificateTypeNames } from "../server-options.ts";
import type { OfferedExtension } from "./client-hello.ts";
import { type Extensions, extensionType } from "./extension.ts";
import { Reader } from "./reader.ts";
import { hex } from "./registry.ts";
import { Writer } from "./writer.ts";

/** CertificateType (RFC 7250 §3): the numbers of its registry that are spoken here. */
export const certificateType: Readonly<Record<CertificateTypeName, number>> = {
  X509: 0,
  RawPublicKey: 2,
};

/** The name of a type; undefined for one that is not spoken here. */
export function certificateTypeName(number: number): CertificateTypeName | undefined {
  return certificateTypeNames.find((name) => certificateType[name] === number);
}

/** The extensions, one for the certificates of each side. */
type CertificateTypeExtension = "client_certificate_type" | "server_certificate_type";

/**
 * What is offered, most wanted first.
 *
 * @returns none where X.509 alone is: that is what no extension means (RFC 7250 §4.1).
 */
export function certificateTypeExtensions(
  name: CertificateTypeExtension,
  types: readonly CertificateTypeName[],
): OfferedExtension[] {
  if (types.every((type) => type === "X509")) return [];
  const body = Writer.build((w) => {
    w.vector(1, () => {
      for (const type of types) w.u8(certificateType[type]);
    });
  });
  return [{ type: extensionType[name], body }];
}

/**
 * What the server has chosen; without an answer, X.509 (RFC 7250 §4.2).
 *
 * @throws TlsError `handshake/illegal-parameter` for a type that was not offered.
 */
export function selectedCertificateType(
  extensions: Extensions,
  name: CertificateTypeExtension,
  offered: readonly CertificateTypeName[],
): CertificateTypeName {
  const body: Bytes | undefined = extensions.get(extensionType[name]);
  if (body === undefined) return "X509";
  const number = Reader.parse(body, name, (r) => r.u8());
  const selected = certificateTypeName(number);
  if (selected !== undefined && offered.includes(selected)) return selected;
  throw new TlsError(
    "handshake/illegal-parameter",
    `The server chose the certificate type ${hex(number, 1)} in ${name}, which was not offered.`,
  );
}
