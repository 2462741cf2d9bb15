/**
 * What two connections share: enough to authenticate the second one without a certificate.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { CipherSuite12, CipherSuite13 } from "../cipher-suite.ts";
import type { HandshakeInfo, ServerIdentity } from "../info.ts";
import type { NamedGroup } from "../named-group.ts";
import type { SignatureScheme } from "../signature-scheme.ts";

/** Of the bytes that stores keep; it goes up with each change of their format. */
export const sessionFormat = 5;

/** Who the server was when it last authenticated itself. */
export interface SessionPeer extends ServerIdentity {
  /** How it signed; undefined after an external PSK. */
  readonly signatureScheme: SignatureScheme | undefined;
  /** What the client had shown then: the session stands for that, too. */
  readonly clientCertificate: HandshakeInfo["clientCertificate"];
  /** By which external PSK it authenticated itself, if by one. */
  readonly pskIdentity: Bytes | undefined;
  /**
   * Until when that is good, in milliseconds since 1970. Sessions that come of sessions keep it, so
   * that no chain of them outlives the check for long (RFC 8446 §4.6.1).
   */
  readonly trustedUntil: number;
}

interface SessionBase {
  readonly peer: SessionPeer;
  /** When it stops being good, in milliseconds since 1970. */
  readonly expires: number;
}

/** What a ticket of TLS 1.3 stands for (RFC 8446 §4.6.1). */
export interface Tls13Session extends SessionBase {
  readonly version: "TLSv1.3";
  readonly suite: CipherSuite13;
  /** The PSK. */
  readonly secret: Bytes;
  readonly ticket: Bytes;
  readonly ageAdd: number;
  /** When the ticket came, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Most bytes of early data; 0 where there may be none. */
  readonly maxEarlyData: number;
  /** The application protocol, which early data has to be of (RFC 8446 §4.2.10). */
  readonly alpn: string | undefined;
}

/** A session of TLS 1.2, by its id (RFC 5246 §7.3) or by a ticket (RFC 5077). */
export interface Tls12Session extends SessionBase {
  readonly version: "TLSv1.2";
  readonly suite: CipherSuite12;
  /** The master secret. */
  readonly secret: Bytes;
  /** Of the first key exchange. */
  readonly group: NamedGroup;
  readonly extendedMasterSecret: boolean;
  /** What names it: 1 to 32 bytes for an id. */
  readonly handle: { readonly kind: "id" | "ticket"; readonly bytes: Bytes };
}

export type Session = Tls13Session | Tls12Session;
