/**
 * Certificates and requests by `@peculiar/x509`. Loaded when one is made or looked into: nothing that
 * a connection trusts is read by it.
 *
 * @module
 */

// `@peculiar/x509` needs it to be there first.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  type JsonNameParams,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type Bytes, toHex } from "../crypto/bytes.ts";
import type { SigningParameters } from "./signing.ts";

/** Who a certificate is to be for. */
export interface Content {
  readonly keys: CryptoKeyPair;
  readonly parameters: SigningParameters;
  readonly subject: JsonNameParams;
  readonly names: readonly JsonGeneralName[];
}

/** A PKCS#10 request (RFC 2986) for a client's certificate. */
export async function writeRequest(content: Content): Promise<{ der: Bytes; pem: string }> {
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      keys: content.keys,
      name: new Name(content.subject),
      signingAlgorithm: content.parameters,
      extensions: [keyUsage(), purpose(), ...alternativeNames(content)],
    },
    crypto,
  );
  return { der: new Uint8Array(request.rawData), pem: `${request.toString("pem")}\n` };
}

/** From when until when, and under which number. */
export interface Term {
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly serialNumber: Bytes;
}

/** A client's certificate that it has issued to itself, in DER. */
export async function writeSelfSigned(content: Content, term: Term): Promise<Bytes> {
  const { keys, parameters } = content;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      keys,
      name: new Name(content.subject),
      signingAlgorithm: parameters,
      notBefore: term.notBefore,
      notAfter: term.notAfter,
      serialNumber: toHex(term.serialNumber),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        keyUsage(),
        purpose(),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
        ...alternativeNames(content),
      ],
    },
    crypto,
  );
  return new Uint8Array(certificate.rawData);
}

/** @throws whatever `@peculiar/x509` does where it can't read it. */
export function read(der: Bytes): X509Certificate {
  return new X509Certificate(der);
}

function keyUsage(): Extension {
  return new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true);
}

function purpose(): Extension {
  return new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]);
}

/** RFC 5280 §4.2.1.6: critical where the subject is empty. */
function alternativeNames({ subject, names }: Content): Extension[] {
  if (names.length === 0) return [];
  return [new SubjectAlternativeNameExtension([...names], subject.length === 0)];
}
