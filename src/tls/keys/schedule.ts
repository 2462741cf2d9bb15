/**
 * The key schedule of TLS 1.3 (RFC 8446 §7.1), as a chain of stages. Each yields the next, and a
 * later secret can't be asked of an earlier stage:
 *
 *     0 → HKDF-Extract ← PSK or 0          EarlyStage:  binder key, c e traffic, e exp master
 *         Derive-Secret "derived"
 *           → HKDF-Extract ← (EC)DHE       HandshakeStage:  c hs traffic, s hs traffic
 *             Derive-Secret "derived"
 *               → HKDF-Extract ← 0         ApplicationStage: c ap traffic, s ap traffic, exp master,
 *                                                            res master
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { kept } from "../../crypto/kept.ts";
import {
  aeadKeyLength,
  aeadNonceLength,
  type CryptoProvider,
  type HashName,
  type HmacKey,
} from "../../crypto/provider.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { TrafficKey } from "../record/protection.ts";
import { Exporter13 } from "./exporter.ts";
import { Hkdf, type Secret } from "./hkdf.ts";
import type { KeyLog } from "./key-log.ts";

const empty = new Uint8Array(0);

/** What a schedule is for, once that is settled. */
export interface Negotiated {
  /** Its hash is that of the schedule. */
  readonly suite: CipherSuite13;
  readonly keyLog: KeyLog;
}

/** What all stages share. */
interface Context extends Negotiated {
  readonly crypto: CryptoProvider;
  readonly hkdf: Hkdf;
  readonly psk: Bytes | undefined;
}

/** Whose PSK a binder proves: an external one, an imported one (RFC 9258 §5.2), a session's. */
export type BinderLabel = "ext binder" | "imp binder" | "res binder";

/** Before the groups' secret is known. */
export class EarlyStage {
  readonly #crypto: CryptoProvider;
  readonly #hkdf: Hkdf;
  readonly #secret: Secret;
  readonly #psk: Bytes | undefined;
  /** What the groups' secret is extracted with. */
  readonly #salt: () => Promise<HmacKey>;

  private constructor(crypto: CryptoProvider, hkdf: Hkdf, secret: Secret, psk: Bytes | undefined) {
    this.#crypto = crypto;
    this.#hkdf = hkdf;
    this.#secret = secret;
    this.#psk = psk;
    this.#salt = kept(async () =>
      hkdf.hmac(await secret.derive("derived", await hkdf.emptyHash())),
    );
  }

  /** @param psk undefined for a schedule without one. */
  static begin(crypto: CryptoProvider, hash: HashName, psk?: Bytes): Promise<EarlyStage> {
    const hkdf = Hkdf.of(crypto, hash);
    const extract = async () => {
      const zeros = new Uint8Array(hkdf.length);
      const secret = await hkdf.extract(zeros, psk ?? zeros);
      return new EarlyStage(crypto, hkdf, hkdf.secret(secret), psk);
    };
    if (psk !== undefined) return extract();
    // Without one there is nothing secret yet: all connections begin with the same.
    const begin = withoutPsk.get(hkdf) ?? kept(extract);
    withoutPsk.set(hkdf, begin);
    return begin();
  }

  /**
   * The proof in a ClientHello that the client has the PSK (RFC 8446 §4.2.11.2).
   *
   * @param transcriptHash of all up to the binders.
   */
  async binder(label: BinderLabel, transcriptHash: Bytes): Promise<Bytes> {
    const hkdf = this.#hkdf;
    const key = hkdf.secret(await this.#secret.derive(label, await hkdf.emptyHash()));
    return (await finishedKey(hkdf, key)).sign(transcriptHash);
  }

  /**
   * The keys of early data.
   *
   * @param transcriptHash of the first ClientHello.
   */
  async earlyData(negotiated: Negotiated, transcriptHash: Bytes): Promise<EarlyDataSecrets> {
    const [client, exporter] = await Promise.all([
      this.#secret.derive("c e traffic", transcriptHash),
      this.#secret.derive("e exp master", transcriptHash),
    ]);
    negotiated.keyLog.log("CLIENT_EARLY_TRAFFIC_SECRET", client);
    negotiated.keyLog.log("EARLY_EXPORTER_SECRET", exporter);
    return {
      client: new TrafficSecret(this.#context(negotiated), client),
      exporter: new Exporter13(this.#hkdf, exporter),
    };
  }

  /**
   * @param sharedSecret the (EC)DHE input, or the hybrid's two secrets joined.
   * @param transcriptHash of ClientHello…ServerHello.
   */
  async handshake(
    negotiated: Negotiated,
    sharedSecret: Bytes,
    transcriptHash: Bytes,
  ): Promise<HandshakeStage> {
    const { keyLog } = negotiated;
    const context = this.#context(negotiated);
    const salt = await this.#salt();
    const secret = this.#hkdf.secret(await salt.sign(sharedSecret));
    const [client, server] = await Promise.all([
      secret.derive("c hs traffic", transcriptHash),
      secret.derive("s hs traffic", transcriptHash),
    ]);
    keyLog.log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client);
    keyLog.log("SERVER_HANDSHAKE_TRAFFIC_SECRET", server);
    return new HandshakeStage(
      context,
      secret,
      new TrafficSecret(context, client),
      new TrafficSecret(context, server),
    );
  }

  #context({ suite, keyLog }: Negotiated): Context {
    return { suite, keyLog, crypto: this.#crypto, hkdf: this.#hkdf, psk: this.#psk };
  }
}

const withoutPsk = new WeakMap<Hkdf, () => Promise<EarlyStage>>();

/** What 0-RTT data is protected and exported with. */
export interface EarlyDataSecrets {
  readonly client: TrafficSecret;
  /** With early_exporter_master_secret. */
  readonly exporter: Exporter13;
}

/** Under the handshake keys. */
export class HandshakeStage {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly #context: Context;
  readonly #secret: Secret;

  constructor(context: Context, secret: Secret, client: TrafficSecret, server: TrafficSecret) {
    this.#context = context;
    this.#secret = secret;
    this.client = client;
    this.server = server;
  }

  /** @param transcriptHash of ClientHello…server Finished. */
  async application(transcriptHash: Bytes): Promise<ApplicationStage> {
    const { hkdf, keyLog } = this.#context;
    const derived = await this.#secret.derive("derived", await hkdf.emptyHash());
    const secret = hkdf.secret(await hkdf.extract(derived, new Uint8Array(hkdf.length)));
    const [client, server, exporter] = await Promise.all([
      secret.derive("c ap traffic", transcriptHash),
      secret.derive("s ap traffic", transcriptHash),
      secret.derive("exp master", transcriptHash),
    ]);
    keyLog.log("CLIENT_TRAFFIC_SECRET_0", client);
    keyLog.log("SERVER_TRAFFIC_SECRET_0", server);
    keyLog.log("EXPORTER_SECRET", exporter);
    return {
      client: new TrafficSecret(this.#context, client),
      server: new TrafficSecret(this.#context, server),
      exporter: new Exporter13(hkdf, exporter),
      resumption: async (hash) =>
        new ResumptionSecret(hkdf, await secret.derive("res master", hash)),
    };
  }
}

/** Under the application keys. */
export interface ApplicationStage {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly exporter: Exporter13;
  /** @param transcriptHash of ClientHello…client Finished. */
  resumption(transcriptHash: Bytes): Promise<ResumptionSecret>;
}

/** resumption_master_secret, which all tickets of a connection come of. */
export class ResumptionSecret {
  readonly #secret: Secret;

  constructor(hkdf: Hkdf, secret: Bytes) {
    this.#secret = hkdf.secret(secret);
  }

  /** The PSK of a ticket (RFC 8446 §4.6.1). */
  psk(nonce: Bytes): Promise<Bytes> {
    return this.#secret.derive("resumption", nonce);
  }
}

/** The secret of one direction, for as long as its key lasts. */
export class TrafficSecret {
  readonly #context: Context;
  readonly #secret: Secret;

  constructor(context: Context, secret: Bytes) {
    this.#context = context;
    this.#secret = context.hkdf.secret(secret);
  }

  /** The PSK that the schedule began with, the very array; undefined where it began with none. */
  get beganWith(): Bytes | undefined {
    return this.#context.psk;
  }

  /** The record key and IV (RFC 8446 §7.3). */
  async key(): Promise<TrafficKey> {
    const { crypto, suite } = this.#context;
    const [key, iv] = await Promise.all([
      this.#secret.expandLabel("key", empty, aeadKeyLength[suite.aead]),
      this.#secret.expandLabel("iv", empty, aeadNonceLength),
    ]);
    return { aead: suite.aead, key: await crypto.importAeadKey(suite.aead, key), iv };
  }

  /** The secret after a KeyUpdate (RFC 8446 §7.2). */
  async next(): Promise<TrafficSecret> {
    return new TrafficSecret(this.#context, await this.#secret.derive("traffic upd", empty));
  }

  /** verify_data of this side's Finished (RFC 8446 §4.4.4). */
  async finished(transcriptHash: Bytes): Promise<Bytes> {
    return (await finishedKey(this.#context.hkdf, this.#secret)).sign(transcriptHash);
  }

  /** Whether a Finished of this side is the right one, compared in constant time. */
  async verifyFinished(verifyData: Bytes, transcriptHash: Bytes): Promise<boolean> {
    const key = await finishedKey(this.#context.hkdf, this.#secret);
    return key.verify(verifyData, transcriptHash);
  }
}

/** finished_key, which binders are made with too (RFC 8446 §4.2.11.2, §4.4.4). */
async function finishedKey(hkdf: Hkdf, base: Secret): Promise<HmacKey> {
  return hkdf.hmac(await base.derive("finished", empty));
}
