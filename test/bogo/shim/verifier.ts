/**
 * Verifies servers by the flags: all are good, unless the flags say none is.
 *
 * @module
 */

import { type DangerousVerify, TlsError } from "../../../src/stream/duplex.ts";
import type { ConnectionFlags } from "./flags.ts";

export class Verifier {
  /** The name that the server of the latest connection was to be verified for. */
  servername: string | undefined;
  #flags: ConnectionFlags | undefined;

  /** For a connection with these flags. */
  begin(flags: ConnectionFlags): void {
    this.#flags = flags;
    this.servername = undefined;
  }

  readonly verify: DangerousVerify = ({ servername, ocspResponse }) => {
    this.servername = servername;
    const flags = this.#flags;
    if (flags === undefined) return;
    if (flags.has("use-ocsp-callback") && flags.has("fail-ocsp-callback")) {
      const what = ocspResponse === undefined ? "No" : "An unwanted";
      throw new TlsError("certificate/bad-status-response", `${what} OCSP response was stapled.`);
    }
    // Without -verify-peer nobody asks what the verification says.
    if (flags.has("verify-fail") && flags.has("verify-peer")) {
      throw new Error("the flags want no server to be verified");
    }
  };
}
