/**
 * HKDF (RFC 5869) and the labelled forms TLS 1.3 makes of it (RFC 8446 §7.1).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
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

  /** RFC 5869 §2.2. */
  async extract(salt: Uint8Array, input: Uint8Array): Promise<Bytes> {
    return (await this.hmac(salt)).sign(input);
  }

  /** RFC 5869 §2.3. */
  async expand(secret: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
    const key = await this.hmac(secret);
    let output = new Uint8Array(0);
    let block = new Uint8Array(0);
    for (let counter = 1; output.length < length; counter++) {
      block = await key.sign(concat(block, info, Uint8Array.of(counter)));
      output = concat(output, block);
    }
    return output.slice(0, length);
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
