/**
 * Reads whom a caller trusts who has said so.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { checkOptionNames } from "../errors.ts";
import { loaded } from "../loaded.ts";
import { parseAnchors, type TrustAnchor } from "../x509/anchor.ts";
import { parseCertificate, parseReadable } from "../x509/certificate.ts";
import { certificatesFromPem, publicKeyFromPem } from "../x509/pem.ts";
import { parsePublicKey } from "../x509/public-key.ts";
import type { Transparency } from "./ct-logs.ts";
import type { CertificateTransparency } from "./ct-options.ts";
import type { Revocation } from "./given-revocation.ts";
import type { RevocationOptions } from "./revocation-options.ts";
import type { Trust } from "./trust.ts";
import {
  type CertificateSource,
  checkTrustOptions,
  type TrustOptions,
  trustOptionNames,
} from "./trust-options.ts";

/**
 * @param bundledRoots loads them, where they are wanted.
 * @throws TlsError as `readTrust` does.
 */
export async function readGivenTrust(
  options: TrustOptions,
  bundledRoots: () => Promise<readonly TrustAnchor[]>,
): Promise<Trust> {
  // In-thread, what is not of trust has been sorted out before.
  checkOptionNames(options, trustOptionNames, "createTls()");
  checkTrustOptions(options);
  const { revocation, certificateTransparency } = options;
  const { exactCertificates = [], publicKeys = [], pins = [], intermediates = [] } = options;
  const usualRoots = exactCertificates.length + publicKeys.length === 0 ? "mozilla" : [];
  const sources = listOf(options.roots ?? usualRoots);
  const own = sources.filter((source) => source !== "mozilla");
  const bundled = own.length < sources.length ? await bundledRoots() : [];
  return {
    // The bundle as it is, since more is kept with that very list.
    anchors:
      own.length === 0 ? bundled : [...bundled, ...parseAnchors(own.flatMap(certificatesOf))],
    pins: [...pins],
    exactCertificates: exactCertificates.flatMap(certificatesOf).map(readExactCertificate),
    publicKeys: publicKeys.map(readPublicKey),
    intermediates: parseReadable(listOf(intermediates).flatMap(certificatesOf)),
    ...(revocation === undefined ? {} : { revocation: await readCrls(revocation) }),
    ...(certificateTransparency === undefined
      ? {}
      : { transparency: await readLogs(certificateTransparency) }),
  };
}

async function readCrls(option: RevocationOptions): Promise<Revocation> {
  const { readRevocation } = await loaded(import("./given-revocation.ts"));
  return readRevocation(option);
}

async function readLogs(option: CertificateTransparency): Promise<Transparency> {
  const { readTransparency } = await loaded(import("./ct-logs.ts"));
  return readTransparency(option);
}

function listOf<T extends CertificateSource>(sources: T | readonly T[]): readonly T[] {
  return typeof sources === "string" || sources instanceof Uint8Array ? [sources] : sources;
}

/** Copies, since a caller may change its own later. */
function certificatesOf(source: CertificateSource): readonly Bytes[] {
  return typeof source === "string" ? certificatesFromPem(source) : [Uint8Array.from(source)];
}

// Certificates and keys are read here so that one that can never be used is not taken silently.

function readExactCertificate(der: Bytes): Bytes {
  parsePublicKey(parseCertificate(der).subjectPublicKeyInfo);
  return der;
}

function readPublicKey(source: CertificateSource): Bytes {
  const key = typeof source === "string" ? publicKeyFromPem(source) : Uint8Array.from(source);
  parsePublicKey(key);
  return key;
}
