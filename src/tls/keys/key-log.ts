/**
 * Lines of the NSS key log (RFC 9850), for reading a capture of one's own in Wireshark.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";

/** Labels of secrets (RFC 9850 §2). */
export type KeyLogLabel =
  | "CLIENT_RANDOM"
  | "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
  | "SERVER_HANDSHAKE_TRAFFIC_SECRET"
  | "CLIENT_TRAFFIC_SECRET_0"
  | "SERVER_TRAFFIC_SECRET_0"
  | "EXPORTER_SECRET";

/** Takes the secrets of one connection. */
export class KeyLog {
  readonly #write: ((line: string) => void) | undefined;
  readonly #clientRandom: Bytes;

  /** @param write takes each line, without a newline; undefined where no log is kept. */
  constructor(write: ((line: string) => void) | undefined, clientRandom: Bytes) {
    this.#write = write;
    this.#clientRandom = clientRandom;
  }

  log(label: KeyLogLabel, secret: Bytes): void {
    this.#write?.(`${label} ${toHex(this.#clientRandom)} ${toHex(secret)}`);
  }
}

function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
