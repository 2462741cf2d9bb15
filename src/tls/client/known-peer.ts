/**
 * Servers that are known without a path to a root: by a certificate or a key that is trusted as it is,
 * or by the caller's own verdict. Loaded where the caller trusts in such a way.
 *
 * @module
 */

import { equalPublic } from "../../crypto/bytes.ts";
import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import { checkLeaf } from "../../x509/path-checks.ts";
import type { ClientConfig } from "../config.ts";
import type { ServerIdentity } from "../info.ts";
import type { DangerousVerify, PresentedServer } from "../presented.ts";
import { firstOf, publicKeyOf } from "./presented-key.ts";

/** What is known of such a server. */
export interface KnownPeer {
  readonly publicKey: PublicKey;
  readonly identity: ServerIdentity;
}

/**
 * The server, where it is known in one of these ways.
 *
 * @returns undefined for one that may yet lead to a root.
 * @throws TlsError any `certificate/` code; what the caller's verdict throws.
 */
export async function knownPeer(
  config: ClientConfig,
  presented: PresentedServer,
): Promise<KnownPeer | undefined> {
  const { dangerousVerify } = config;
  if (dangerousVerify !== undefined) return byCaller(config, presented, dangerousVerify);
  const isKey = presented.certificateType === "RawPublicKey";
  return isKey ? byKey(config, presented) : byCertificate(config, presented);
}

/**
 * The certificate is one of those trusted as they are, byte for byte, and good for TLS. Neither its
 * name nor its issuer counts: who has its key is the one that is meant.
 *
 * @returns undefined for another one that may yet lead to a root.
 */
function byCertificate(
  { exactCertificates, anchors, now, trace }: ClientConfig,
  presented: PresentedServer,
): KnownPeer | undefined {
  const shown = firstOf(presented);
  if (!exactCertificates.some((known) => equalPublic(known, shown))) {
    if (anchors.length > 0) return undefined;
    throw new TlsError(
      "certificate/unknown-certificate",
      "The server's certificate is none of exactCertificates, and no roots are trusted. Somebody else answers in its place, or it has a new certificate: ask who runs it.",
    );
  }
  const publicKey = publicKeyOf(presented);
  checkLeaf(parseCertificate(shown), now());
  trace?.({ kind: "certificate-known" });
  return {
    publicKey,
    identity: {
      ...presented,
      trustedBy: "exact-certificate",
      verifiedPath: [shown],
    },
  };
}

/** The raw public key is one of those trusted, byte for byte (RFC 7250 §4.2). */
function byKey(config: ClientConfig, presented: PresentedServer): KnownPeer {
  const publicKey = publicKeyOf(presented);
  const key = firstOf(presented);
  if (!config.publicKeys.some((known) => equalPublic(known, key))) {
    throw new TlsError(
      "certificate/unknown-key",
      "The server's raw public key is none of publicKeys. Somebody else answers in its place, or it has a new key: ask who runs it.",
    );
  }
  config.trace?.({ kind: "public-key-known" });
  return {
    publicKey,
    identity: {
      ...presented,
      trustedBy: "public-key",
      verifiedPath: [],
    },
  };
}

/**
 * The caller has taken it, for reasons of its own. What TLS itself asks of a certificate holds
 * nevertheless: a key that can be read and may sign.
 */
async function byCaller(
  config: ClientConfig,
  presented: PresentedServer,
  dangerousVerify: DangerousVerify,
): Promise<KnownPeer> {
  const publicKey = publicKeyOf(presented);
  const { serverName: name } = config;
  const servername = name.kind === "dns" ? name.name : name.text;
  try {
    await dangerousVerify({ ...presented, servername });
  } catch (reason) {
    if (reason instanceof TlsError) throw reason;
    throw new TlsError(
      "certificate/refused-by-caller",
      `The option dangerousVerify refused the server's certificate: ${String(reason)}`,
      { cause: reason },
    );
  }
  config.trace?.({ kind: "certificate-accepted-by-caller" });
  return { publicKey, identity: { ...presented, trustedBy: "caller", verifiedPath: [] } };
}
