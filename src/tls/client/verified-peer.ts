/**
 * Proof of who the server is. It can be made in the ways below only, each named as what it is.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError, withDetails } from "../../errors.ts";
import { type Certificate, parseCertificate } from "../../x509/certificate.ts";
import { checkMaySign } from "../../x509/may-sign.ts";
import { verifyPath } from "../../x509/path.ts";
import { checkLeaf } from "../../x509/path-checks.ts";
import { parsePublicKey } from "../../x509/public-key.ts";
import type { ClientConfig } from "../config.ts";
import type { ServerIdentity } from "../info.ts";
import type { DangerousVerify, PresentedServer } from "../presented.ts";
import { conditionsFor } from "./path-conditions.ts";

/** The server is the one that is meant. That it has the key is proven by its signature only. */
export class VerifiedPeer {
  /** For the signature in the handshake. */
  readonly publicKey: PublicKey;
  readonly identity: ServerIdentity;
  /** When the OCSP response ends that says its certificate is good; undefined where there is none. */
  readonly statusUntil: Date | undefined;

  private constructor(publicKey: PublicKey, identity: ServerIdentity, statusUntil?: Date) {
    this.publicKey = publicKey;
    this.identity = identity;
    this.statusUntil = statusUntil;
  }

  /**
   * Verifies by what the configuration says: its certificates, its roots, its keys, or the caller's
   * own verdict.
   *
   * @throws TlsError any `certificate/` code, with the chain in `certificates`; what the caller's
   * verdict throws.
   */
  static async verify(config: ClientConfig, presented: PresentedServer): Promise<VerifiedPeer> {
    const { dangerousVerify } = config;
    try {
      if (dangerousVerify !== undefined) {
        return await VerifiedPeer.#acceptedByCaller(config, presented, dangerousVerify);
      }
      if (presented.certificateType === "RawPublicKey") {
        return VerifiedPeer.#knownByKey(config, presented);
      }
      const known = VerifiedPeer.#knownByCertificate(config, presented);
      return known ?? (await VerifiedPeer.#ledToARoot(config, presented));
    } catch (error) {
      const { certificates } = presented;
      throw error instanceof TlsError ? withDetails(error, { certificates }) : error;
    }
  }

  /**
   * The certificate is one of those trusted as they are, byte for byte, and good for TLS. Neither its
   * name nor its issuer counts: who has its key is the one that is meant.
   *
   * @returns undefined for another one that may yet lead to a root.
   */
  static #knownByCertificate(
    { exactCertificates, anchors, now, trace }: ClientConfig,
    presented: PresentedServer,
  ): VerifiedPeer | undefined {
    if (exactCertificates.length === 0) return undefined;
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
    return new VerifiedPeer(publicKey, {
      ...presented,
      trustedBy: "exact-certificate",
      verifiedPath: [shown],
    });
  }

  /** The certificate leads to a trusted root and is valid for the name wanted. */
  static async #ledToARoot(
    config: ClientConfig,
    presented: PresentedServer,
  ): Promise<VerifiedPeer> {
    const { anchors, intermediates, findIssuers, serverName, crypto } = config;
    const { certificates: chain } = presented;
    const { conditions, stapled } = await conditionsFor(config, presented);
    const now = config.now();
    const search = { chain, anchors, intermediates, findIssuers, crypto, now, conditions };
    const path = await verifyPath({ ...search, serverName });
    config.trace?.({ kind: "certificate-verified" });
    const { subject, subjectPublicKeyInfo } = path.anchor;
    const identity: ServerIdentity = {
      ...presented,
      trustedBy: "root",
      // Copies: what the caller does with them must not change what later connections trust.
      verifiedPath: path.certificates.map((der) => der.slice()),
      trustAnchor: {
        subject: subject.slice(),
        subjectPublicKeyInfo: subjectPublicKeyInfo.slice(),
      },
    };
    return new VerifiedPeer(path.publicKey, identity, stapled()?.until);
  }

  /** The raw public key is one of those trusted, byte for byte (RFC 7250 §4.2). */
  static #knownByKey(config: ClientConfig, presented: PresentedServer): VerifiedPeer {
    const publicKey = publicKeyOf(presented);
    const key = firstOf(presented);
    if (!config.publicKeys.some((known) => equalPublic(known, key))) {
      throw new TlsError(
        "certificate/unknown-key",
        "The server's raw public key is none of publicKeys. Somebody else answers in its place, or it has a new key: ask who runs it.",
      );
    }
    config.trace?.({ kind: "public-key-known" });
    return new VerifiedPeer(publicKey, {
      ...presented,
      trustedBy: "public-key",
      verifiedPath: [],
    });
  }

  /**
   * The caller has taken it, for reasons of its own. What TLS itself asks of a certificate holds
   * nevertheless: a key that can be read and may sign.
   */
  static async #acceptedByCaller(
    config: ClientConfig,
    presented: PresentedServer,
    dangerousVerify: DangerousVerify,
  ): Promise<VerifiedPeer> {
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
    return new VerifiedPeer(publicKey, { ...presented, trustedBy: "caller", verifiedPath: [] });
  }
}

/** The key of a certificate that nobody has verified, or the key itself. */
export function publicKeyOf(presented: PresentedServer): PublicKey {
  const first = firstOf(presented);
  if (presented.certificateType === "RawPublicKey") return parsePublicKey(first);
  const leaf = readable(first);
  checkMaySign(leaf);
  return parsePublicKey(leaf.subjectPublicKeyInfo);
}

function firstOf({ certificates: [first] }: PresentedServer): Bytes {
  if (first !== undefined) return first;
  throw new TlsError("certificate/missing", "The server sent no certificate.");
}

/** Nobody judges the certificate, so one that is none is a message that can't be read. */
function readable(certificate: Bytes): Certificate {
  try {
    return parseCertificate(certificate);
  } catch (cause) {
    throw new TlsError(
      "handshake/decode-error",
      "What the server sent as its certificate is not one (RFC 5280 §4.1).",
      { cause },
    );
  }
}
