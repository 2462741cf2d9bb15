/**
 * Keying material for protocols above TLS (RFC 5705, RFC 8446 §7.5).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { Hkdf } from "./hkdf.ts";

/** Makes the same bytes on both sides of a connection, which nobody else can make. */
export interface Exporter {
  /** What is asked has been checked by `checkExport`. */
  export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes>;
}

/** That of TLS 1.3 (RFC 8446 §7.5). No context is the same as an empty one. */
export class Exporter13 implements Exporter {
  readonly #hkdf: Hkdf;
  readonly #secret: Bytes;

  /** @param secret exporter_master_secret, or early_exporter_master_secret. */
  constructor(hkdf: Hkdf, secret: Bytes) {
    this.#hkdf = hkdf;
    this.#secret = secret;
  }

  async export(label: string, context: Uint8Array | undefined, length: number): Promise<Bytes> {
    const hkdf = this.#hkdf;
    const emptyHash = await hkdf.emptyHash();
    const secret = await hkdf.secret(this.#secret).derive(label, emptyHash);
    const contextHash = context === undefined ? emptyHash : await hkdf.digest(context);
    return hkdf.expandLabel(secret, "exporter", contextHash, length);
  }
}
