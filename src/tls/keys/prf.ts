/**
 * The PRF of TLS 1.2 and what is derived with it (RFC 5246 §5, §6.3, §8.1; RFC 7627 §4).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { aeadKeyLength, type CryptoProvider, type HmacKey } from "../../crypto/provider.ts";
import type { CipherSuite12 } from "../cipher-suite.ts";
import type { TrafficKey } from "../record/protection.ts";
import { fixedIvLength } from "../record/protection12.ts";

const masterSecretLength = 48;
const verifyDataLength = 12;

/** PRF(secret, label, seed) (RFC 5246 §5). @param secret as an HMAC key of the suite's hash. */
export async function prf(
  secret: HmacKey,
  label: string,
  seed: Uint8Array,
  length: number,
): Promise<Bytes> {
  const labelled = concat(new TextEncoder().encode(label), seed);
  let output = new Uint8Array(0);
  let a = await secret.sign(labelled);
  while (output.length < length) {
    output = concat(output, await secret.sign(concat(a, labelled)));
    a = await secret.sign(a);
  }
  return output.slice(0, length);
}

/** What the master secret is bound to: the session's hash (RFC 7627 §4), or the randoms alone. */
export type MasterSecretSeed =
  | { readonly kind: "extended"; readonly sessionHash: Bytes }
  | { readonly kind: "classic" };

/** The two randoms of a handshake, 32 bytes each. */
export interface Randoms {
  readonly client: Bytes;
  readonly server: Bytes;
}

/** The master secret of a TLS 1.2 connection. */
export class MasterSecret12 {
  /** For the key log and for sessions. */
  readonly bytes: Bytes;
  /** The master secret of the session that was resumed, the very array; undefined where none was. */
  readonly beganWith: Bytes | undefined;
  readonly #crypto: CryptoProvider;
  readonly #suite: CipherSuite12;
  readonly #key: HmacKey;

  private constructor(
    crypto: CryptoProvider,
    suite: CipherSuite12,
    bytes: Bytes,
    key: HmacKey,
    beganWith?: Bytes,
  ) {
    this.#crypto = crypto;
    this.#suite = suite;
    this.bytes = bytes;
    this.#key = key;
    this.beganWith = beganWith;
  }

  /** That of a session, under which new randoms make new keys (RFC 5246 §7.3). */
  static async resume(
    crypto: CryptoProvider,
    suite: CipherSuite12,
    bytes: Bytes,
  ): Promise<MasterSecret12> {
    const key = await crypto.importHmacKey(suite.hash, bytes);
    return new MasterSecret12(crypto, suite, bytes, key, bytes);
  }

  /** @param premaster the (EC)DHE shared secret (RFC 8422 §5.10). */
  static async derive(
    crypto: CryptoProvider,
    suite: CipherSuite12,
    premaster: Bytes,
    randoms: Randoms,
    seed: MasterSecretSeed,
  ): Promise<MasterSecret12> {
    const key = await crypto.importHmacKey(suite.hash, premaster);
    const bytes =
      seed.kind === "extended"
        ? await prf(key, "extended master secret", seed.sessionHash, masterSecretLength)
        : await prf(
            key,
            "master secret",
            concat(randoms.client, randoms.server),
            masterSecretLength,
          );
    return new MasterSecret12(crypto, suite, bytes, await crypto.importHmacKey(suite.hash, bytes));
  }

  /** The keys of both directions (RFC 5246 §6.3); AEADs have no MAC keys. */
  async keys(randoms: Randoms): Promise<{ client: TrafficKey; server: TrafficKey }> {
    const { aead } = this.#suite;
    const keyLength = aeadKeyLength[aead];
    const ivLength = fixedIvLength(aead);
    const seed = concat(randoms.server, randoms.client);
    const block = await prf(this.#key, "key expansion", seed, 2 * (keyLength + ivLength));
    const ivs = 2 * keyLength;
    const direction = async (index: 0 | 1): Promise<TrafficKey> => {
      const key = block.slice(index * keyLength, (index + 1) * keyLength);
      const iv = block.slice(ivs + index * ivLength, ivs + (index + 1) * ivLength);
      return { aead, key: await this.#crypto.importAeadKey(aead, key), iv };
    };
    return { client: await direction(0), server: await direction(1) };
  }

  /** Keying material for `Exporter12`. @param seed with the randoms in front (RFC 5705 §4). */
  export(label: string, seed: Uint8Array, length: number): Promise<Bytes> {
    return prf(this.#key, label, seed, length);
  }

  /** verify_data of a Finished (RFC 5246 §7.4.9). @param transcriptHash of all messages before. */
  finished(side: "client" | "server", transcriptHash: Bytes): Promise<Bytes> {
    return prf(this.#key, `${side} finished`, transcriptHash, verifyDataLength);
  }

  /** Whether the server's Finished is the right one, compared in constant time. */
  async verifyFinished(verifyData: Bytes, transcriptHash: Bytes): Promise<boolean> {
    // The PRF has no verify of its own: MACs of the two under a random key are compared instead.
    const key = await this.#crypto.importHmacKey("SHA-256", this.#crypto.randomBytes(32));
    return key.verify(await key.sign(await this.finished("server", transcriptHash)), verifyData);
  }
}
