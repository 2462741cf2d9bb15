/**
 * Alerts as they come in (RFC 8446 §6, RFC 5246 §7.2).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { alertLevel, alertName, explainAlert } from "../alert.ts";
import { maxWarningAlerts } from "../limits.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { Trace } from "../trace.ts";

export class ReceivedAlerts {
  readonly #trace: Trace | undefined;
  #warnings = 0;

  constructor(trace?: Trace) {
    this.#trace = trace;
  }

  /** Says that data came in, so that the warnings before it were no flood. */
  reset(): void {
    this.#warnings = 0;
  }

  /**
   * @param version undefined while none has been negotiated.
   * @returns true for a close_notify, false for an alert without consequences.
   * @throws TlsError `alert/received` for one that ends the connection, `record/flood` for too many
   * that do not, `handshake/decode-error` and `handshake/illegal-parameter` for one that is none.
   */
  receive(fragment: Bytes, version: ProtocolVersionName | undefined): boolean {
    const [level, description] = fragment;
    if (level === undefined || description === undefined || fragment.length !== 2) {
      throw new TlsError("handshake/decode-error", "The server sent an alert that is not 2 bytes.");
    }
    if (level !== alertLevel.warning && level !== alertLevel.fatal) {
      throw new TlsError(
        "handshake/illegal-parameter",
        `The server sent an alert of level ${level}, which does not exist.`,
      );
    }
    const name = alertName(description);
    this.#trace?.({ kind: "alert-received", name });
    if (name === "close_notify") return true;
    // In TLS 1.3 the level means nothing: only user_canceled is not fatal (RFC 8446 §6).
    const isWarning =
      version === "TLSv1.3" ? name === "user_canceled" : level === alertLevel.warning;
    if (!isWarning) {
      // TLS 1.3 has no other warnings: rustls and BoringSSL answer them as undecodable.
      const isMislabelled = version === "TLSv1.3" && level === alertLevel.warning;
      throw new TlsError("alert/received", explainAlert(name), {
        alertReceived: name,
        ...(isMislabelled ? { cause: mislabelled() } : {}),
      });
    }
    this.#warnings++;
    if (this.#warnings > maxWarningAlerts) {
      throw new TlsError(
        "record/flood",
        `The server sent more than ${maxWarningAlerts} warnings, the last one ${name}.`,
      );
    }
    return false;
  }
}

function mislabelled(): TlsError {
  return new TlsError(
    "handshake/decode-error",
    "The server sent the alert as a warning, which TLS 1.3 has only two of (RFC 8446 §6).",
  );
}
