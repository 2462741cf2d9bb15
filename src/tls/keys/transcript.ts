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

  /** @param encoded a whole message with its header. */
  add(encoded: Bytes): void {
    this.#messages.push(encoded);
  }

  /** Takes what another one holds in place of its own. */
  become(other: Transcript): void {
    this.#messages = [...other.#messages];
  }

  /** Lets go of all messages: the handshake is over, and they keep the records that they came in. */
  clear(): void {
    this.#messages = [];
  }

  /** All messages, one after another. */
  bytes(): Bytes {
    return concat(...this.#messages);
  }

  hash(crypto: CryptoProvider, hash: HashName): Promise<Bytes> {
    return crypto.digest(hash, this.bytes());
  }

  /**
   * Puts the hash of the first ClientHello in its place, as a HelloRetryRequest demands
   * (RFC 8446 §4.4.1).
   */
  async replaceByHash(crypto: CryptoProvider, hash: HashName): Promise<void> {
    const digest = await this.hash(crypto, hash);
    this.#messages = [encodeHandshake(handshakeType.message_hash, digest).encoded];
  }
}
