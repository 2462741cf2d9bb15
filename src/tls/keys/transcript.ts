/**
 * The handshake messages so far, and their hash (RFC 8446 §4.4.1, RFC 5246 §7.4.9).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { CryptoProvider, HashName } from "../../crypto/provider.ts";
import { handshakeType } from "../messages/registry.ts";
import { encodeHandshake } from "../record/handshake-joiner.ts";

/**
 * Keeps the messages themselves: WebCrypto has no hash that could be fed piece by piece. They are
 * a few KiB, and hashing them whole some four times costs less than a signature.
 */
export class Transcript {
  #messages: Bytes[] = [];
  /** The hash of the messages as they are, once it has been asked for. */
  #hash: { readonly name: HashName; readonly value: Promise<Bytes> } | undefined;

  /** @param encoded a whole message with its header. */
  add(encoded: Bytes): void {
    this.#messages.push(encoded);
    this.#hash = undefined;
  }

  /** Takes what another one holds in place of its own. */
  become(other: Transcript): void {
    this.#messages = [...other.#messages];
    this.#hash = undefined;
  }

  /** Lets go of all messages: the handshake is over, and they keep the records that they came in. */
  clear(): void {
    this.#messages = [];
  }

  /** All messages, one after another. */
  bytes(): Bytes {
    return concat(...this.#messages);
  }

  /** @param crypto the same each time. */
  hash(crypto: CryptoProvider, hash: HashName): Promise<Bytes> {
    if (this.#hash?.name !== hash) {
      this.#hash = { name: hash, value: crypto.digest(hash, this.bytes()) };
    }
    return this.#hash.value;
  }

  /**
   * Puts the hash of the first ClientHello in its place, as a HelloRetryRequest demands
   * (RFC 8446 §4.4.1).
   */
  async replaceByHash(crypto: CryptoProvider, hash: HashName): Promise<void> {
    const digest = await this.hash(crypto, hash);
    this.#messages = [];
    this.add(encodeHandshake(handshakeType.message_hash, digest).encoded);
  }
}
