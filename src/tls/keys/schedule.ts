/**
 * The key schedule of TLS 1.3 (RFC 8446 §7.1), as a chain of stages. Each yields the next, and a
 * later secret can't be asked of an earlier stage:
 *
 *     0 → HKDF-Extract ← PSK or 0          EarlyStage
 *         Derive-Secret "derived"
 *           → HKDF-Extract ← (EC)DHE       HandshakeStage:  c hs traffic, s hs traffic
 *             Derive-Secret "derived"
 *               → HKDF-Extract ← 0         ApplicationStage: c ap traffic, s ap traffic, exp master
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { aeadKeyLength, aeadNonceLength, type CryptoProvider } from "../../crypto/provider.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { TrafficKey } from "../record/protection13.ts";
import { Exporter13 } from "./exporter.ts";
import { Hkdf } from "./hkdf.ts";
import type { KeyLog } from "./key-log.ts";

const empty = new Uint8Array(0);

/** What all stages share. */
interface Context {
  readonly crypto: CryptoProvider;
  readonly suite: CipherSuite13;
  readonly hkdf: Hkdf;
  readonly keyLog: KeyLog;
}

/** Before the groups' secret is known. */
export class EarlyStage {
  readonly #context: Context;
  readonly #secret: Bytes;

  private constructor(context: Context, secret: Bytes) {
    this.#context = context;
    this.#secret = secret;
  }

  /** Begins a schedule without a PSK. */
  static async begin(
    crypto: CryptoProvider,
    suite: CipherSuite13,
    keyLog: KeyLog,
  ): Promise<EarlyStage> {
    const hkdf = new Hkdf(crypto, suite.hash);
    const zeros = new Uint8Array(hkdf.length);
    return new EarlyStage({ crypto, suite, hkdf, keyLog }, await hkdf.extract(zeros, zeros));
  }

  /**
   * @param sharedSecret the (EC)DHE input, or the hybrid's two secrets joined.
   * @param transcriptHash of ClientHello…ServerHello.
   */
  async handshake(sharedSecret: Bytes, transcriptHash: Bytes): Promise<HandshakeStage> {
    const { hkdf, keyLog } = this.#context;
    const derived = await hkdf.deriveSecret(this.#secret, "derived", await hkdf.digest(empty));
    const secret = await hkdf.extract(derived, sharedSecret);
    const [client, server] = await Promise.all([
      hkdf.deriveSecret(secret, "c hs traffic", transcriptHash),
      hkdf.deriveSecret(secret, "s hs traffic", transcriptHash),
    ]);
    keyLog.log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client);
    keyLog.log("SERVER_HANDSHAKE_TRAFFIC_SECRET", server);
    return new HandshakeStage(
      this.#context,
      secret,
      new TrafficSecret(this.#context, client),
      new TrafficSecret(this.#context, server),
    );
  }
}

/** Under the handshake keys. */
export class HandshakeStage {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly #context: Context;
  readonly #secret: Bytes;

  constructor(context: Context, secret: Bytes, client: TrafficSecret, server: TrafficSecret) {
    this.#context = context;
    this.#secret = secret;
    this.client = client;
    this.server = server;
  }

  /** @param transcriptHash of ClientHello…server Finished. */
  async application(transcriptHash: Bytes): Promise<ApplicationStage> {
    const { hkdf, keyLog } = this.#context;
    const derived = await hkdf.deriveSecret(this.#secret, "derived", await hkdf.digest(empty));
    const secret = await hkdf.extract(derived, new Uint8Array(hkdf.length));
    const [client, server, exporter] = await Promise.all([
      hkdf.deriveSecret(secret, "c ap traffic", transcriptHash),
      hkdf.deriveSecret(secret, "s ap traffic", transcriptHash),
      hkdf.deriveSecret(secret, "exp master", transcriptHash),
    ]);
    keyLog.log("CLIENT_TRAFFIC_SECRET_0", client);
    keyLog.log("SERVER_TRAFFIC_SECRET_0", server);
    keyLog.log("EXPORTER_SECRET", exporter);
    return {
      client: new TrafficSecret(this.#context, client),
      server: new TrafficSecret(this.#context, server),
      exporter: new Exporter13(hkdf, exporter),
    };
  }
}

/** Under the application keys. */
export interface ApplicationStage {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly exporter: Exporter13;
}

/** The secret of one direction, for as long as its key lasts. */
export class TrafficSecret {
  readonly #context: Context;
  readonly #secret: Bytes;

  constructor(context: Context, secret: Bytes) {
    this.#context = context;
    this.#secret = secret;
  }

  /** The record key and IV (RFC 8446 §7.3). */
  async key(): Promise<TrafficKey> {
    const { crypto, suite, hkdf } = this.#context;
    const [key, iv] = await Promise.all([
      hkdf.expandLabel(this.#secret, "key", empty, aeadKeyLength[suite.aead]),
      hkdf.expandLabel(this.#secret, "iv", empty, aeadNonceLength),
    ]);
    return { aead: suite.aead, key: await crypto.importAeadKey(suite.aead, key), iv };
  }

  /** The secret after a KeyUpdate (RFC 8446 §7.2). */
  async next(): Promise<TrafficSecret> {
    const { hkdf } = this.#context;
    const secret = await hkdf.expandLabel(this.#secret, "traffic upd", empty, hkdf.length);
    return new TrafficSecret(this.#context, secret);
  }

  /** verify_data of this side's Finished (RFC 8446 §4.4.4). */
  async finished(transcriptHash: Bytes): Promise<Bytes> {
    return (await this.#finishedKey()).sign(transcriptHash);
  }

  /** Whether a Finished of this side is the right one, compared in constant time. */
  async verifyFinished(verifyData: Bytes, transcriptHash: Bytes): Promise<boolean> {
    return (await this.#finishedKey()).verify(verifyData, transcriptHash);
  }

  async #finishedKey() {
    const { hkdf } = this.#context;
    return hkdf.hmac(await hkdf.expandLabel(this.#secret, "finished", empty, hkdf.length));
  }
}
