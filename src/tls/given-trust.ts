/**
 * Reads whom a caller trusts who has said so.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { loaded } from "../crypto/loaded.ts";
import { parseAnchor, type TrustAnchor } from "../x509/anchor.ts";
import { certificatesFromPem, publicKeyFromPem } from "../x509/pem.ts";
import { parsePublicKey } from "../x509/public-key.ts";
import type { Transparency } from "./ct-logs.ts";
import type { CertificateTransparency } from "./ct-options.ts";
import type { Trust } from "./trust.ts";
import { type CertificateSource, checkTrustOptions, type TrustOptions } from "./trust-options.ts";

/**
 * @param bundledRoots loads them, where they are wanted.
 * @throws TlsError as `readTrust` does.
 */
export async function readGivenTrust(
  options: TrustOptions,
  bundledRoots: () => Promise<readonly TrustAnchor[]>,
): Promise<Trust> {
  checkTrustOptions(options);
  const { certificateTransparency } = options;
  const { publicKeys = [], roots = publicKeys.length === 0 ? "mozilla" : [] } = options;
  const sources = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : roots;
  const [only, ...others] = await Promise.all(
    sources.map((source) => (source === "mozilla" ? bundledRoots() : anchorsOf(source))),
  );
  return {
    // The bundle as it is, since more is kept with that very list.
    anchors: others.length === 0 ? (only ?? []) : [only ?? [], ...others].flat(),
    publicKeys: publicKeys.map(readPublicKey),
    ...(certificateTransparency === undefined
      ? {}
      : { transparency: await readLogs(certificateTransparency) }),
  };
}

async function readLogs(option: CertificateTransparency): Promise<Transparency> {
  const { readTransparency } = await loaded(import("./ct-logs.ts"));
  return readTransparency(option);
}

function anchorsOf(source: CertificateSource): readonly TrustAnchor[] {
  return certificatesOf(source).map(parseAnchor);
}

/** Copies, since a caller may change its own later. */
function certificatesOf(source: CertificateSource): readonly Bytes[] {
  return typeof source === "string" ? certificatesFromPem(source) : [Uint8Array.from(source)];
}

function readPublicKey(source: CertificateSource): Bytes {
  const key = typeof source === "string" ? publicKeyFromPem(source) : Uint8Array.from(source);
  // Read here so that a key that can never be used is not taken silently.
  parsePublicKey(key);
  return key;
}
