/**
 * What a finished handshake hands on to the traffic stage.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { HandshakeInfo } from "../info.ts";
import type { Exporter } from "../keys/exporter.ts";
import type { TrafficSecret } from "../keys/schedule.ts";
import type { TicketKeeper } from "./tickets.ts";
import type { VerifiedFinished, VerifiedSecret, VerifiedSignature } from "./verification.ts";
import type { VerifiedPeer } from "./verified-peer.ts";

/** The secrets a TLS 1.3 connection needs to change its keys (RFC 8446 §7.2). */
export interface TrafficSecrets {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
}

/** How the server has shown who it is: by a certificate and its key, or by a secret known before. */
export type Authentication =
  | { readonly peer: VerifiedPeer; readonly signature: VerifiedSignature }
  | VerifiedSecret;

/** A handshake whose every check has been made: it can't be built without the proofs. */
export interface Established {
  readonly authentication: Authentication;
  readonly finished: VerifiedFinished;
  readonly info: HandshakeInfo;
  /** Undefined in TLS 1.2 without the extended master secret (RFC 7627 §5.4). */
  readonly exporter: Exporter | undefined;
  /**
   * verify_data of the first Finished, the client's in a full handshake (RFC 5929 §3.1). Undefined in
   * TLS 1.3, and where a session was resumed without the extended master secret, as somebody in
   * between may have chosen it then (RFC 7627 §1).
   */
  readonly firstFinished: Bytes | undefined;
  /** Undefined in TLS 1.2, which never changes keys. */
  readonly secrets: TrafficSecrets | undefined;
  /** Takes the tickets of TLS 1.3; undefined where none are kept. */
  readonly tickets: TicketKeeper | undefined;
  /** Puts the session of TLS 1.2 where the next connection finds it; undefined where there is none. */
  readonly keepSession: (() => void) | undefined;
}
