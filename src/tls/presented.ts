/**
 * What a server presents to authenticate itself, and who may judge it instead of the path validation.
 *
 * @module
 */

import type { Bytes } from "../crypto/bytes.ts";
import type { CertificateStatus } from "./messages/certificate-status.ts";
import type { CertificateTypeName } from "./server-options.ts";

/** What a server has presented, before anything about it is known to be true. */
export interface PresentedServer extends CertificateStatus {
  readonly certificateType: CertificateTypeName;
  /**
   * Of the type `"X509"`: leaf first, each in DER. Of `"RawPublicKey"`: the SubjectPublicKeyInfo
   * alone, in DER (RFC 7250 §3).
   */
  readonly certificates: readonly Bytes[];
}

/** What {@link DangerousVerify} is asked about. */
export interface ServerToVerify extends PresentedServer {
  /** Who it should be: a DNS name in A-labels without a dot at its end, or an IP address. */
  readonly servername: string;
}

/**
 * Decides on a server instead of webtls. Path, validity, names, roots: nothing of it is checked by
 * anybody else. That the server has the key it presents is.
 *
 * It refuses by throwing (or rejecting): a TlsError ends the connection with its own code and alert,
 * anything else with `certificate/refused-by-caller` and the thrown as its cause.
 *
 * A resumed connection does not ask it again: a session stands for what the same function said when
 * that began, up to seven days ago. Where it has to be asked each time, keep no sessions
 * (`sessions: "disabled"`), or give a new function with each connection.
 */
export type DangerousVerify = (server: ServerToVerify) => void | Promise<void>;
