/**
 * What is known of a connection once its handshake is done.
 *
 * @module
 */

import type { CipherSuiteName, GroupName, ProtocolVersionName } from "./options.ts";
import type { PresentedServer } from "./presented.ts";

/** How the server authenticated itself. */
export interface ServerIdentity extends PresentedServer {
  /**
   * Why the server was taken for the one that is meant; in a resumed session, why it was then. It has
   * a path to a root, is one of `exactCertificates` or `publicKeys`, has pleased `dangerousVerify`, or
   * knows an external PSK.
   */
  trustedBy: "root" | "exact-certificate" | "public-key" | "caller" | "pre-shared-key";
  /**
   * What was verified: leaf first, up to the certificate that a root has issued; of an exact
   * certificate, this alone. Empty where nothing was.
   */
  verifiedPath: readonly Uint8Array<ArrayBuffer>[];
  /** The root that `verifiedPath` leads to, both in DER, where the server is trusted by one. */
  trustAnchor?: {
    subject: Uint8Array<ArrayBuffer>;
    subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  };
}

/** What was negotiated: all that the protocol knows. A plain value that survives structured clone. */
export interface HandshakeInfo extends ServerIdentity {
  version: ProtocolVersionName;
  cipherSuite: CipherSuiteName;
  /** The key exchange group. */
  group: GroupName;
  /**
   * How the server signed, by the IANA name of the scheme, e.g. `"ecdsa_secp256r1_sha256"`; in a
   * resumed session, how it did then. Missing where it authenticated itself by an external PSK.
   */
  signatureScheme?: string;
  /** The external PSK by which the server authenticated itself, now or when the session began. */
  pskIdentity?: Uint8Array<ArrayBuffer>;
  /** The application protocol, where one was agreed on (RFC 7301). */
  alpn?: string;
  /**
   * `"resumed"` where a session stood in for the certificate; `"hello-retry-request"` where the
   * server asked for another ClientHello, such as for another key share.
   */
  handshake: "full" | "hello-retry-request" | "resumed" | "resumed-hello-retry-request";
  /**
   * Where data was to go ahead: whether the server took it, as far as it fitted. `"not-offered"` where
   * no session allowed it, or not so much.
   */
  earlyData?: "accepted" | "rejected" | "not-offered";
  /**
   * Encrypted Client Hello (RFC 9849): `"accepted"` where the server's name and the like were hidden,
   * `"grease"` where it only looked like that to others. A server that refuses it is an error.
   */
  ech: "accepted" | "grease" | "not-offered";
  /** Whether the master secret is the extended one (RFC 7627); always true in TLS 1.3. */
  extendedMasterSecret: boolean;
  /**
   * What became of the client's certificate; `"declined"`: asked for, and none was given. In a resumed
   * session, what did when it began: it still stands for who the client was then.
   */
  clientCertificate: "not-requested" | "declined" | "sent";
}

/** How long things took, in milliseconds. */
export interface ConnectionTimings {
  /** Until the bridge had taken the connection. Absent where there is no bridge. */
  bridgeOpen?: number;
  /** From the beginning of TLS to the server's first byte: a round trip and the server's first work. */
  firstByte: number;
  /** From the beginning of TLS to the end of the handshake. */
  handshake: number;
}

/** What is known of a connection. A plain value that survives structured clone. */
export interface ConnectionInfo extends HandshakeInfo {
  timings: ConnectionTimings;
}
