/**
 * Ephemeral keys of the client, and the secret they make with the server's (RFC 8446 §4.2.8, §7.4).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import {
  type CryptoProvider,
  ciphertextLength,
  type DhGroup,
  type DhKeyPair,
  type KemKeyPair,
  type MlKemName,
} from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import type { KeyShareEntry } from "../messages/client-hello.ts";
import type { NamedGroup } from "../named-group.ts";

/** The keys behind one key_share extension. */
export class KeyShares {
  readonly #groups: readonly NamedGroup[];
  readonly #dh: ReadonlyMap<DhGroup, DhKeyPair>;
  readonly #kem: ReadonlyMap<MlKemName, KemKeyPair>;

  private constructor(
    groups: readonly NamedGroup[],
    dh: ReadonlyMap<DhGroup, DhKeyPair>,
    kem: ReadonlyMap<MlKemName, KemKeyPair>,
  ) {
    this.#groups = groups;
    this.#dh = dh;
    this.#kem = kem;
  }

  /** Makes the keys for groups. What two of them have in common is made once. */
  static async generate(crypto: CryptoProvider, groups: readonly NamedGroup[]): Promise<KeyShares> {
    const [dh, kem] = await Promise.all([
      keysOf(
        groups.map((group) => group.dh),
        (name) => crypto.generateDhKeyPair(name),
      ),
      keysOf(
        groups.map((group) => group.kem),
        (name) => crypto.generateMlKemKeyPair(name),
      ),
    ]);
    return new KeyShares(groups, dh, kem);
  }

  /** What goes into the ClientHello, most wanted first. */
  get entries(): KeyShareEntry[] {
    return this.#groups.map((group) => {
      const { dh, kem } = this.#keysFor(group);
      const parts = [kem?.encapsulationKey, dh?.publicKey];
      return { group: group.number, keyExchange: concat(...parts.filter(isThere)) };
    });
  }

  /** The group with this number, if a share for it was made. */
  find(number: number): NamedGroup | undefined {
    return this.#groups.find((group) => group.number === number);
  }

  /** The client's public value for TLS 1.2's ClientKeyExchange (RFC 8422 §5.7): the only one. */
  get publicKey(): Bytes {
    return concat(...Array.from(this.#dh.values(), (pair) => pair.publicKey));
  }

  /**
   * The shared secret; for a hybrid the secret of ML-KEM, then that of X25519.
   *
   * @throws TlsError `handshake/illegal-parameter` for a share of the wrong length, a point off the
   * curve, an all-zero X25519 result (RFC 8446 §4.2.8.2, §7.4.2).
   */
  async agree(group: NamedGroup, serverShare: Bytes): Promise<Bytes> {
    const { dh, kem } = this.#keysFor(group);
    // The ciphertext stands first, and alone where there is no other half.
    const length = group.kem === undefined ? 0 : ciphertextLength[group.kem];
    const end = group.dh === undefined ? serverShare.length : length;
    const secrets = await Promise.all([
      kem && valid(group, kem.decapsulate(serverShare.subarray(0, end))),
      dh && valid(group, dh.agree(serverShare.subarray(length))),
    ]);
    return concat(...secrets.filter(isThere));
  }

  #keysFor({ dh, kem }: NamedGroup): { dh: DhKeyPair | undefined; kem: KemKeyPair | undefined } {
    return { dh: dh && this.#dh.get(dh), kem: kem && this.#kem.get(kem) };
  }
}

async function keysOf<Name, Pair>(
  names: readonly (Name | undefined)[],
  generate: (name: Name) => Promise<Pair>,
): Promise<Map<Name, Pair>> {
  const distinct = [...new Set(names.filter(isThere))];
  return new Map(
    await Promise.all(distinct.map(async (name) => [name, await generate(name)] as const)),
  );
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

async function valid(group: NamedGroup, agreed: Promise<Bytes | undefined>): Promise<Bytes> {
  const secret = await agreed;
  if (secret !== undefined) return secret;
  throw new TlsError(
    "handshake/illegal-parameter",
    `The server's key share is not a valid ${group.name} value.`,
  );
}
