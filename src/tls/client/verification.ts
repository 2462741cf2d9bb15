/**
 * Proofs of what has to be true before application data flows. Each can be made in one way only:
 * by the check that it stands for.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { verifySignature } from "../../x509/signature.ts";
import type { ClientConfig } from "../config.ts";
import type { MasterSecret12 } from "../keys/prf.ts";
import type { TrafficSecret } from "../keys/schedule.ts";
import { hex } from "../messages/registry.ts";
import type { ProtocolVersionName } from "../options.ts";
import { type SignatureScheme, schemeFits } from "../signature-scheme.ts";
import type { VerifiedPeer } from "./verified-peer.ts";

/** The server has the private key of its certificate, and signed this very handshake with it. */
export class VerifiedSignature {
  readonly scheme: SignatureScheme;

  private constructor(scheme: SignatureScheme) {
    this.scheme = scheme;
  }

  /**
   * @param schemeNumber as the server named it.
   * @param content what is signed, as the version defines it.
   * @throws TlsError `handshake/illegal-parameter` for a scheme that was not offered or does not go
   * with the key and the version (RFC 8446 §4.4.3, RFC 5246 §7.4.3), `handshake/bad-signature`.
   */
  static async verify(
    config: ClientConfig,
    peer: VerifiedPeer,
    version: ProtocolVersionName,
    { scheme: schemeNumber, signature }: { scheme: number; signature: Bytes },
    content: Bytes,
  ): Promise<VerifiedSignature> {
    const scheme = config.signatureSchemes.find(({ number }) => number === schemeNumber);
    const key = peer.publicKey;
    if (scheme === undefined || !schemeFits(scheme, key, version)) {
      throw new TlsError(
        "handshake/illegal-parameter",
        `The server signs by ${scheme?.name ?? hex(schemeNumber)}, which was not offered or does not go with its ${key.kind} key in ${version}.`,
      );
    }
    if (await verifySignature(config.crypto, scheme.algorithm, key, signature, content)) {
      config.trace?.({ kind: "settled", signatureScheme: scheme.name });
      config.trace?.({ kind: "signature-verified" });
      return new VerifiedSignature(scheme);
    }
    throw new TlsError(
      "handshake/bad-signature",
      "The server's signature does not match: it may not have the key of its certificate, or the handshake was changed on its way.",
    );
  }
}

/** What checks a server's Finished: its traffic secret in TLS 1.3, the master secret in TLS 1.2. */
type FinishedKey = TrafficSecret | MasterSecret12;

/** The server has a secret that only it and this client know: a session's, or an external PSK. */
export class VerifiedSecret {
  readonly secret: Bytes;

  private constructor(secret: Bytes) {
    this.secret = secret;
  }

  /**
   * @param finished the server's, which shows that it has what the keys began with.
   * @throws TlsError `handshake/internal-error` where they began with something else.
   */
  static confirm(finished: VerifiedFinished, secret: Bytes | undefined): VerifiedSecret {
    if (secret !== undefined && finished.beganWith === secret) return new VerifiedSecret(secret);
    throw new TlsError(
      "handshake/internal-error",
      "The keys of this connection did not begin with the secret that was to authenticate it, which is a bug in webtls.",
    );
  }
}

/** Both sides have seen the same handshake, and have the same keys. */
export class VerifiedFinished {
  /** The verify_data that was right. */
  readonly verifyData: Bytes;
  /** The secret that the keys began with, where the two sides had one before. */
  readonly beganWith: Bytes | undefined;

  private constructor(verifyData: Bytes, beganWith: Bytes | undefined) {
    this.verifyData = verifyData;
    this.beganWith = beganWith;
  }

  /**
   * @param verifyData as the server sent it.
   * @param transcriptHash of all messages before the server's Finished.
   * @throws TlsError `handshake/bad-finished` (RFC 8446 §4.4.4, RFC 5246 §7.4.9).
   */
  static async verify(
    key: FinishedKey,
    verifyData: Bytes,
    transcriptHash: Bytes,
  ): Promise<VerifiedFinished> {
    if (await key.verifyFinished(verifyData, transcriptHash)) {
      return new VerifiedFinished(verifyData, key.beganWith);
    }
    throw new TlsError(
      "handshake/bad-finished",
      "The server's Finished does not match: the handshake was changed on its way.",
    );
  }
}
