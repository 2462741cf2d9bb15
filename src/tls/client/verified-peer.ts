/**
 * Proof of who the server is. It can be made in the ways below only, each named as what it is.
 *
 * @module
 */

import type { PublicKey } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import { parseCertificate } from "../../x509/certificate.ts";
import { verifyPath } from "../../x509/path.ts";
import { checkMaySign } from "../../x509/path-checks.ts";
import { parsePublicKey } from "../../x509/public-key.ts";
import type { ClientConfig } from "../config.ts";
import type { ServerIdentity } from "../info.ts";
import type { DangerousVerify, PresentedServer } from "../presented.ts";

/** The server is the one that is meant. That it has the key is proven by its signature only. */
export class VerifiedPeer {
  /** For the signature in the handshake. */
  readonly publicKey: PublicKey;
  readonly identity: ServerIdentity;

  private constructor(publicKey: PublicKey, identity: ServerIdentity) {
    this.publicKey = publicKey;
    this.identity = identity;
  }

  /**
   * Verifies by what the configuration says: its roots, or the caller's own verdict.
   *
   * @throws TlsError any `certificate/` code, with the chain in `certificates`; what the caller's
   * verdict throws.
   */
  static async verify(config: ClientConfig, presented: PresentedServer): Promise<VerifiedPeer> {
    const { dangerousVerify } = config;
    try {
      return await (dangerousVerify === undefined
        ? VerifiedPeer.#ledToARoot(config, presented)
        : VerifiedPeer.#acceptedByCaller(config, presented, dangerousVerify));
    } catch (error) {
      const { certificates } = presented;
      throw error instanceof TlsError ? error.with({ certificates }) : error;
    }
  }

  /** The certificate leads to a trusted root and is valid for the name wanted. */
  static async #ledToARoot(
    config: ClientConfig,
    presented: PresentedServer,
  ): Promise<VerifiedPeer> {
    const { anchors, serverName, crypto } = config;
    const { certificates: chain } = presented;
    const path = await verifyPath({ chain, anchors, serverName, crypto, now: config.now() });
    config.trace?.({ kind: "certificate-verified" });
    return new VerifiedPeer(path.publicKey, { ...presented, verifiedPath: path.certificates });
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
    const publicKey = keyOf(presented);
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
    return new VerifiedPeer(publicKey, { ...presented, verifiedPath: [] });
  }
}

/** The key of a certificate that nobody has verified. */
function keyOf({ certificates: [first] }: PresentedServer): PublicKey {
  if (first === undefined) {
    throw new TlsError("certificate/missing", "The server sent no certificate.");
  }
  const leaf = parseCertificate(first);
  checkMaySign(leaf);
  return parsePublicKey(leaf.subjectPublicKeyInfo);
}
