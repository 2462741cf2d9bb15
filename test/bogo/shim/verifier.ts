/**
 * Verifies servers by the flags: all are good, unless the flags say none is.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type DangerousVerify, TlsError } from "../../../src/stream/duplex.ts";
import type { ConnectionFlags } from "./flags.ts";

/** The digest that stands for a raw public key. */
export function digestOf(publicKey: Uint8Array = new Uint8Array()): Buffer {
  return createHash("sha256").update(publicKey).digest();
}

export class Verifier {
  /** The name that the server of the latest connection was to be verified for. */
  servername: string | undefined;
  #flags: ConnectionFlags | undefined;

  /** For a connection with these flags. */
  begin(flags: ConnectionFlags): void {
    this.#flags = flags;
    this.servername = undefined;
  }

  readonly verify: DangerousVerify = (server) => {
    const { servername, ocspResponse, certificates, certificateType } = server;
    this.servername = servername;
    const flags = this.#flags;
    if (flags === undefined) return;
    if (flags.has("use-ocsp-callback") && flags.has("fail-ocsp-callback")) {
      const what = ocspResponse === undefined ? "No" : "An unwanted";
      throw new TlsError("certificate/bad-status-response", `${what} OCSP response was stapled.`);
    }
    const expected = flags.bytes("expect-peer-rpk-sha256");
    if (expected !== undefined && digestOf(certificates[0]).compare(expected) !== 0) {
      throw new Error("the flags want another raw public key");
    }
    // Without -verify-peer nobody asks what the verification says, but for raw public keys.
    const isAsked = flags.has("verify-peer") || certificateType === "RawPublicKey";
    if (!flags.has("verify-fail") || !isAsked) return;
    const refusal = "the flags want no server to be verified";
    // BoringSSL's callers say no in two ways, each with an alert of its own.
    if (flags.has("use-custom-verify-callback")) throw new Error(refusal);
    throw new TlsError("handshake/no-common-suite", refusal);
  };
}
