/**
 * HKDF (RFC 5869) and the labelled forms TLS 1.3 makes of it (RFC 8446 §7.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";
import { kept } from "../../crypto/kept.ts";
import {
  type CryptoProvider,
  type HashName,
  type HmacKey,
  hashLength,
} from "../../crypto/provider.ts";

/** A hash function of a provider, with the derivations built on it. */
export class Hkdf {
  readonly hash: HashName;
  readonly length: number;
  /** Transcript-Hash of no messages. */
  readonly emptyHash: () => Promise<Bytes>;
  readonly #crypto: CryptoProvider;

  constructor(crypto: CryptoProvider, hash: HashName) {
    this.#crypto = crypto;
    this.hash = hash;
    this.length = hashLength[hash];
    this.emptyHash = kept(() => this.digest(new Uint8Array(0)));
  }

  /** That of a provider and a hash, which keeps what is the same in all connections. */
  static of(crypto: CryptoProvider, hash: HashName): Hkdf {
    const known = instances.get(crypto) ?? new Map<HashName, Hkdf>();
    instances.set(crypto, known);
    const hkdf = known.get(hash) ?? new Hkdf(crypto, hash);
    known.set(hash, hkdf);
    return hkdf;
  }

  digest(data: Uint8Array): Promise<Bytes> {
    return this.#crypto.digest(this.hash, data);
  }

  hmac(key: Uint8Array): Promise<HmacKey> {
    return this.#crypto.importHmacKey(this.hash, key);
  }

  async extract(salt: Uint8Array, input: Uint8Array): Promise<Bytes> {
    return (await this.hmac(salt)).sign(input);
  }

  /** A secret to derive others from. */
  secret(bytes: Uint8Array): Secret {
    return new Secret(this, bytes);
  }

  /** HKDF-Expand-Label (RFC 8446 §7.1) of a secret that nothing else comes of. */
  expandLabel(
    secret: Uint8Array,
    label: string,
    context: Uint8Array,
    length: number,
  ): Promise<Bytes> {
    return this.secret(secret).expandLabel(label, context, length);
  }
}

const instances = new WeakMap<CryptoProvider, Map<HashName, Hkdf>>();

/** A secret, which becomes a key of the provider's once, however much is derived from it. */
export class Secret {
  readonly #hkdf: Hkdf;
  readonly #key: () => Promise<HmacKey>;

  constructor(hkdf: Hkdf, bytes: Uint8Array) {
    this.#hkdf = hkdf;
    this.#key = kept(() => hkdf.hmac(bytes));
  }

  /** HKDF-Expand-Label (RFC 8446 §7.1). */
  async expandLabel(label: string, context: Uint8Array, length: number): Promise<Bytes> {
    return hkdfExpand(await this.#key(), hkdfLabel(label, context, length), length);
  }

  /** Derive-Secret (RFC 8446 §7.1). @param transcriptHash Transcript-Hash(Messages). */
  derive(label: string, transcriptHash: Uint8Array): Promise<Bytes> {
    return this.expandLabel(label, transcriptHash, this.#hkdf.length);
  }
}

/** HkdfLabel (RFC 8446 §7.1). @param label ASCII, at most 249 characters. */
function hkdfLabel(label: string, context: Uint8Array, length: number): Bytes {
  const name = `tls13 ${label}`;
  const encoded = new Uint8Array(4 + name.length + context.length);
  encoded.set([length >> 8, length & 0xff, name.length]);
  for (let at = 0; at < name.length; at++) encoded[3 + at] = name.charCodeAt(at);
  encoded[3 + name.length] = context.length;
  encoded.set(context, 4 + name.length);
  return encoded;
}
