/**
 * Lines of the NSS key log (RFC 9850), for reading a capture of one's own in Wireshark.
 *
 * @module
 */

import { type Bytes, toHex } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";

/** Labels of secrets (RFC 9850 §2). */
export type KeyLogLabel =
  | "CLIENT_RANDOM"
  | "CLIENT_EARLY_TRAFFIC_SECRET"
  | "EARLY_EXPORTER_SECRET"
  | "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
  | "SERVER_HANDSHAKE_TRAFFIC_SECRET"
  | "CLIENT_TRAFFIC_SECRET_0"
  | "SERVER_TRAFFIC_SECRET_0"
  | "EXPORTER_SECRET"
  | "ECH_SECRET"
  | "ECH_CONFIG";

/** Takes the secrets of one connection. */
export class KeyLog {
  readonly #write: ((line: string) => void) | undefined;
  readonly #clientRandom: Bytes;

  /** @param write takes each line, without a newline; undefined where no log is kept. */
  constructor(write: ((line: string) => void) | undefined, clientRandom: Bytes) {
    this.#write = write;
    this.#clientRandom = clientRandom;
  }

  /** @throws TlsError `configuration/invalid-option` where the caller's callback throws. */
  log(label: KeyLogLabel, secret: Bytes): void {
    if (this.#write === undefined) return;
    try {
      this.#write(`${label} ${toHex(this.#clientRandom)} ${toHex(secret)}`);
    } catch (cause) {
      const message = "The keyLog callback threw an error, which the cause holds. Mend it there.";
      throw new TlsError("configuration/invalid-option", message, { cause });
    }
  }
}
