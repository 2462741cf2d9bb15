/**
 * Whom a caller trusts, as trust anchors.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import { TlsError } from "../errors.ts";
import { parseAnchor, type TrustAnchor } from "../x509/anchor.ts";
import { certificatesFromPem } from "../x509/pem.ts";
import { type CertificateSource, checkTrustOptions, type TrustOptions } from "./trust-options.ts";

/**
 * Reads the roots; loads the bundled ones where they are wanted. The result is worth keeping, and
 * to be given to many connections as it is: path validation keeps an index with it.
 *
 * @throws TlsError `configuration/invalid-option`; a `certificate/` code for a root that can't be
 * used; `configuration/unsupported-platform` where the bundled roots can't be loaded.
 */
export async function readTrust(trust: TrustOptions): Promise<readonly TrustAnchor[]> {
  checkTrustOptions(trust);
  const { roots = "mozilla" } = trust;
  const sources = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : roots;
  const [only, ...others] = await Promise.all(sources.map(anchorsOf));
  return others.length === 0 ? (only ?? []) : [only ?? [], ...others].flat();
}

async function anchorsOf(source: "mozilla" | CertificateSource): Promise<readonly TrustAnchor[]> {
  if (source === "mozilla") return bundledRoots();
  const certificates: Bytes[] =
    typeof source === "string" ? certificatesFromPem(source) : [Uint8Array.from(source)];
  return certificates.map(parseAnchor);
}

async function bundledRoots(): Promise<readonly TrustAnchor[]> {
  try {
    const { mozillaRoots } = await import("../roots/index.ts");
    return mozillaRoots();
  } catch (cause) {
    throw new TlsError(
      "configuration/unsupported-platform",
      "The bundled Mozilla roots could not be loaded: serve every file of the build from where the first one came, and allow it in the content security policy.",
      { cause },
    );
  }
}
