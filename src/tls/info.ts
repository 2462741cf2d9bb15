/**
 * What is known of a connection once its handshake is done.
 *
 * @module
 */

import type { CipherSuiteName, GroupName, ProtocolVersionName } from "./options.ts";

/** What was negotiated. A plain value that survives structured clone. */
export interface ConnectionInfo {
  version: ProtocolVersionName;
  cipherSuite: CipherSuiteName;
  /** The key exchange group. */
  group: GroupName;
  /** How the server signed, by the IANA name of the scheme, e.g. `"ecdsa_secp256r1_sha256"`. */
  signatureScheme: string;
  /** The application protocol, where one was agreed on (RFC 7301). */
  alpn?: string;
  /** `"full"`, or `"hello-retry-request"` where the server asked for another key share. */
  handshake: "full" | "hello-retry-request";
  /** Whether the master secret is the extended one (RFC 7627); always true in TLS 1.3. */
  extendedMasterSecret: boolean;
  /** What the server presented, leaf first, each certificate in DER. */
  certificates: readonly Uint8Array<ArrayBuffer>[];
  /** The verified path: leaf first, up to the certificate that a root has issued. */
  verifiedPath: readonly Uint8Array<ArrayBuffer>[];
}
