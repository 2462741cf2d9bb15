/**
 * HKDF (RFC 5869) and the labelled forms TLS 1.3 makes of it (RFC 8446 §7.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/hkdf.ts";
import { type CryptoProvider, type HashName, hashLength } from "../../crypto/provider.ts";
import { Writer } from "../messages/writer.ts";

/** A hash function of a provider, with the derivations built on it. */
export class Hkdf {
  readonly hash: HashName;
  readonly length: number;
  readonly #crypto: CryptoProvider;

  constructor(crypto: CryptoProvider, hash: HashName) {
    this.#crypto = crypto;
    this.hash = hash;
    this.length = hashLength[hash];
  }

  digest(data: Uint8Array): Promise<Bytes> {
    return this.#crypto.digest(this.hash, data);
  }

  /** HMAC with a key used once. */
  hmac(key: Uint8Array) {
    return this.#crypto.importHmacKey(this.hash, key);
  }

  extract(salt: Uint8Array, input: Uint8Array): Promise<Bytes> {
    return hkdfExtract(this.#crypto, this.hash, salt, input);
  }

  expand(secret: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
    return hkdfExpand(this.#crypto, this.hash, secret, info, length);
  }

  /** HKDF-Expand-Label (RFC 8446 §7.1). */
  expandLabel(
    secret: Uint8Array,
    label: string,
    context: Uint8Array,
    length: number,
  ): Promise<Bytes> {
    const info = Writer.build((w) => {
      w.u16(length);
      w.vector(1, () => w.bytes(new TextEncoder().encode(`tls13 ${label}`)));
      w.vector(1, () => w.bytes(context));
    });
    return this.expand(secret, info, length);
  }

  /** Derive-Secret (RFC 8446 §7.1). @param transcriptHash Transcript-Hash(Messages). */
  deriveSecret(secret: Uint8Array, label: string, transcriptHash: Uint8Array): Promise<Bytes> {
    return this.expandLabel(secret, label, transcriptHash, this.length);
  }
}
