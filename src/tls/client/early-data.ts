/**
 * Data that goes out behind the ClientHello, before the server has said anything (RFC 8446 §2.3,
 * §4.2.10). An attacker can replay it: only the caller knows whether it may be.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import type { HandshakeInfo } from "../info.ts";
import type { Exporter } from "../keys/exporter.ts";
import type { KeyLog } from "../keys/key-log.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import type { EarlyDataOption } from "../psk-options.ts";
import type { RecordSealer } from "../record/protection.ts";
import { Sealer13 } from "../record/protection13.ts";
import type { Tls13Session } from "../session/session.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { OfferedPsk } from "./pre-shared-key.ts";

/** What becomes of the early data of one connection. */
export class EarlyData {
  readonly #asked: EarlyDataOption;
  /** The application protocols offered. */
  readonly #protocols: readonly string[];
  #session: Tls13Session | undefined;
  #status: "not-offered" | "sent" | "accepted" | "rejected" = "not-offered";
  #exporter: Exporter | undefined;

  /** @param asked checked with the configuration's `alpn`. */
  constructor(asked: EarlyDataOption, { alpn }: Pick<ClientConfig, "alpn">) {
    this.#asked = asked;
    this.#protocols = alpn;
  }

  /**
   * Whether it may go with the first of the PSKs: the session allows so much, or some of it where the
   * rest can follow; its suite is among those offered, and its application protocol is the one
   * that the data is of (RFC 8446 §4.2.10).
   */
  fits(psk: OfferedPsk | undefined, { suites }: ClientConfig): psk is OfferedPsk {
    const session = psk?.session;
    if (session === undefined || session.maxEarlyData === 0) return false;
    const { data, otherwise } = this.#asked;
    if (data.length > session.maxEarlyData && otherwise !== "send") return false;
    if (!suites.some(({ number }) => number === session.suite.number)) return false;
    return this.#isOf(session.alpn);
  }

  /**
   * Whether the data is of the protocol that was agreed on. Where none was, it may be of the only one
   * offered, which the server speaks without a word (RFC 7301 §3.1); of several, nobody knows.
   */
  #isOf(protocol: string | undefined): boolean {
    const [first, ...others] = this.#protocols;
    if (protocol === undefined) return others.length === 0;
    return protocol === (this.#asked.alpn ?? first);
  }

  /**
   * Sends it, right behind the first ClientHello. It is not waited for: the server may answer before
   * it has taken any.
   *
   * @param transcriptHash of the ClientHello.
   */
  async send(
    channel: HandshakeChannel,
    { early, session }: OfferedPsk,
    keyLog: KeyLog,
    transcriptHash: Bytes,
  ): Promise<void> {
    if (session === undefined) return;
    this.#session = session;
    this.#status = "sent";
    const { suite } = session;
    const { client, exporter } = await early.earlyData({ suite, keyLog }, transcriptHash);
    this.#exporter = exporter;
    await channel.disguise();
    await channel.writer.changeKey(new Sealer13(await client.key()));
    await channel.writer.hand(contentType.applicationData, this.#portion(session));
  }

  /** Whether it is on its way, and the server has not said what becomes of it. */
  get isUndecided(): boolean {
    return this.#status === "sent";
  }

  /** Whether any of it has gone out, whatever has become of it. */
  get wasSent(): boolean {
    return this.#status !== "not-offered";
  }

  get isAccepted(): boolean {
    return this.#status === "accepted";
  }

  /** The early exporter (RFC 8446 §7.5); undefined where nothing was sent early. */
  get exporter(): Exporter | undefined {
    return this.#exporter;
  }

  /** For the end of the handshake. */
  get outcome(): NonNullable<HandshakeInfo["earlyData"]> {
    return this.#status === "sent" ? "rejected" : this.#status;
  }

  /**
   * What has to be sent behind the handshake: all of it, or what did not fit.
   *
   * @param protocol agreed on.
   */
  leftover(protocol: string | undefined): Uint8Array | undefined {
    const { data, otherwise } = this.#asked;
    if (otherwise !== "send" || !this.#isOf(protocol)) return undefined;
    if (!this.isAccepted || this.#session === undefined) return data;
    return data.subarray(this.#portion(this.#session).length);
  }

  /** As much as the session allows. */
  #portion({ maxEarlyData }: Tls13Session): Uint8Array {
    return this.#asked.data.subarray(0, maxEarlyData);
  }

  /** @throws TlsError `handshake/early-data-downgrade`: RFC 8446 appendix D.3 lets it go no further. */
  refuseTls12(): void {
    if (!this.isUndecided) return;
    throw new TlsError(
      "handshake/early-data-downgrade",
      "The server speaks TLS 1.2 now, though data was sent ahead as its session in TLS 1.3 allowed. The session is used up: connect again, if the data may arrive twice.",
    );
  }

  /** The server does not take it, and what follows is under another key, or under none. */
  async reject(channel: HandshakeChannel, next: RecordSealer | undefined): Promise<void> {
    if (!this.isUndecided) return;
    this.#status = "rejected";
    await channel.writer.changeKey(next);
  }

  /**
   * The server takes it, under the terms of the session.
   *
   * @throws TlsError `handshake/illegal-parameter` where suite or application protocol are others
   * (RFC 8446 §4.2.10).
   */
  accept(suite: CipherSuite13, alpn: string | undefined): void {
    if (suite.number !== this.#session?.suite.number) {
      throw illegal(`with ${suite.name}, which is not the session's cipher suite`);
    }
    if (alpn !== this.#session.alpn) {
      throw illegal("with another application protocol than the session's");
    }
    this.#status = "accepted";
  }

  /** Says that there is no more of it (RFC 8446 §4.5). @param next for what follows. */
  async end(channel: HandshakeChannel, next: RecordSealer): Promise<void> {
    const andThen = async () => next;
    await channel.send(handshakeType.end_of_early_data, new Uint8Array(0), { andThen });
  }
}

function illegal(how: string): TlsError {
  return new TlsError(
    "handshake/illegal-parameter",
    `The server accepted early data ${how} (RFC 8446 §4.2.10).`,
  );
}
