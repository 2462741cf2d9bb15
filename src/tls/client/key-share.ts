/**
 * Ephemeral keys of the client, and the secret they make with the server's (RFC 8446 §4.2.8, §7.4).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { CryptoProvider, DhKeyPair, KemKeyPair } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import type { KeyShareEntry } from "../messages/client-hello.ts";
import type { NamedGroup } from "../named-group.ts";

/** Bytes of an ML-KEM-768 ciphertext (FIPS 203), which stands first in the server's hybrid share. */
const ciphertextLength = 1088;

/** The keys behind one key_share extension. */
export class KeyShares {
  readonly #dh: DhKeyPair;
  readonly #kem: KemKeyPair | undefined;
  readonly #groups: readonly NamedGroup[];

  private constructor(groups: readonly NamedGroup[], dh: DhKeyPair, kem: KemKeyPair | undefined) {
    this.#groups = groups;
    this.#dh = dh;
    this.#kem = kem;
  }

  /**
   * Makes the keys for a group. A hybrid group's X25519 key serves X25519 alone as well, where the
   * client supports that too: one more share at no cost.
   *
   * @param supported all groups the client offers.
   */
  static async generate(
    crypto: CryptoProvider,
    group: NamedGroup,
    supported: readonly NamedGroup[],
  ): Promise<KeyShares> {
    const alone = supported.find(({ dh, hybrid }) => dh === group.dh && !hybrid);
    const groups = group.hybrid && alone !== undefined ? [group, alone] : [group];
    const [dh, kem] = await Promise.all([
      crypto.generateDhKeyPair(group.dh),
      group.hybrid ? crypto.generateMlKem768KeyPair() : undefined,
    ]);
    return new KeyShares(groups, dh, kem);
  }

  /** What goes into the ClientHello, most wanted first. */
  get entries(): KeyShareEntry[] {
    return this.#groups.map(({ number, hybrid }) => ({
      group: number,
      keyExchange:
        hybrid && this.#kem !== undefined
          ? concat(this.#kem.encapsulationKey, this.#dh.publicKey)
          : this.#dh.publicKey,
    }));
  }

  /** The group with this number, if a share for it was made. */
  find(number: number): NamedGroup | undefined {
    return this.#groups.find((group) => group.number === number);
  }

  /** The client's public value for TLS 1.2's ClientKeyExchange (RFC 8422 §5.7). */
  get publicKey(): Bytes {
    return this.#dh.publicKey;
  }

  /**
   * The shared secret; for the hybrid the secret of ML-KEM, then that of X25519.
   *
   * @throws TlsError `handshake/illegal-parameter` for a share of the wrong length, a point off the
   * curve, an all-zero X25519 result (RFC 8446 §4.2.8.2, §7.4.2).
   */
  async agree(group: NamedGroup, serverShare: Bytes): Promise<Bytes> {
    if (!group.hybrid) return valid(group, await this.#dh.agree(serverShare));
    const [kem, dh] = await Promise.all([
      this.#kem?.decapsulate(serverShare.subarray(0, ciphertextLength)),
      this.#dh.agree(serverShare.subarray(ciphertextLength)),
    ]);
    return concat(valid(group, kem), valid(group, dh));
  }
}

function valid(group: NamedGroup, secret: Bytes | undefined): Bytes {
  if (secret !== undefined) return secret;
  throw new TlsError(
    "handshake/illegal-parameter",
    `The server's key share is not a valid ${group.name} value.`,
  );
}
