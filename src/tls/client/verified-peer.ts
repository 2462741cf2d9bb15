/**
 * Proof of who the server is. It can be made in the ways below only, each named as what it is: by a
 * path to a trusted root, and in those of `known-peer.ts`.
 *
 * @module
 */

import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError, withDetails } from "../../errors.ts";
import { loaded } from "../../loaded.ts";
import { verifyPath } from "../../x509/path.ts";
import type { ClientConfig } from "../config.ts";
import type { ServerIdentity } from "../info.ts";
import type { PresentedServer } from "../presented.ts";
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
    try {
      const known = isForPathsOnly(config, presented)
        ? undefined
        : await VerifiedPeer.#known(config, presented);
      return known ?? (await VerifiedPeer.#ledToARoot(config, presented));
    } catch (error) {
      const { certificates } = presented;
      throw error instanceof TlsError ? withDetails(error, { certificates }) : error;
    }
  }

  /** It is known without a path. @returns undefined for one that may yet lead to a root. */
  static async #known(
    config: ClientConfig,
    presented: PresentedServer,
  ): Promise<VerifiedPeer | undefined> {
    const { knownPeer } = await loaded(import("./known-peer.ts"));
    const known = await knownPeer(config, presented);
    return known && new VerifiedPeer(known.publicKey, known.identity);
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
}

/** Most callers trust roots, and nothing else. */
function isForPathsOnly(
  { dangerousVerify, exactCertificates }: ClientConfig,
  { certificateType }: PresentedServer,
): boolean {
  const isKey = certificateType === "RawPublicKey";
  return dangerousVerify === undefined && exactCertificates.length === 0 && !isKey;
}
