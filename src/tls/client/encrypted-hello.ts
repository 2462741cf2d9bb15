/**
 * A ClientHello that travels encrypted within another one: ClientHelloInner and ClientHelloOuter of
 * Encrypted Client Hello (RFC 9849 §6.1).
 *
 * @module
 */

import { type Bytes, concat, equalPublic } from "../../crypto/bytes.ts";
import { type HpkeSender, setupHpkeSender } from "../../crypto/hpke.ts";
import { aeadTagLength, type CryptoProvider, hashLength } from "../../crypto/provider.ts";
import { invalidOption } from "../../errors.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import { Hkdf } from "../keys/hkdf.ts";
import { KeyLog } from "../keys/key-log.ts";
import { Transcript } from "../keys/transcript.ts";
import {
  encodeClientHello,
  type OfferedExtension,
  preSharedKeyExtension,
} from "../messages/client-hello.ts";
import {
  alignExtensions,
  encodeInnerHello,
  innerEchExtension,
  outerEchExtension,
} from "../messages/ech.ts";
import { extensionType } from "../messages/extension.ts";
import { decodeEchConfirmation } from "../messages/hello-retry-request.ts";
import { contentType, handshakeType } from "../messages/registry.ts";
import { isHelloRetryRequest, type ServerHello } from "../messages/server-hello.ts";
import { encodeHandshake } from "../record/handshake-joiner.ts";
import type { HandOptions } from "../record/writer.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { SelectedEch } from "./ech-plan.ts";
import { type HelloParts, Offer } from "./offer.ts";
import { bindPsks, type OfferedPsk } from "./pre-shared-key.ts";

/** One side of a pair of ClientHellos. */
interface Side {
  readonly config: ClientConfig;
  readonly offer: Offer;
}

export class EncryptedHello {
  /** What is really meant. */
  readonly inner: Side;
  /** What others see, and what a server answers that can't decrypt. */
  readonly outer: Side;
  readonly #selected: SelectedEch;
  readonly #sender: HpkeSender;
  /** Of the outer hello; that of the inner one is the channel's. */
  readonly #transcript = new Transcript();
  #extension: OfferedExtension | undefined;

  private constructor(inner: Side, outer: Side, selected: SelectedEch, sender: HpkeSender) {
    this.inner = inner;
    this.outer = outer;
    this.#selected = selected;
    this.#sender = sender;
  }

  /** @throws TlsError `configuration/invalid-option` for a public key that is none. */
  static async begin(config: ClientConfig, selected: SelectedEch): Promise<EncryptedHello> {
    const { crypto } = config;
    const { encoded, publicKey, publicName } = selected.config;
    const info = concat(new TextEncoder().encode("tls ech\0"), encoded);
    const sender = await setupHpkeSender(crypto, selected.suite, publicKey, info);
    if (sender === undefined) throw invalidOption("ech", "a public key that is a valid one");
    const inner = {
      ...config,
      suites: config.suites.filter(({ version }) => version === "TLSv1.3"),
    };
    // Nothing of what the client knows or is belongs to the server of the public name: nor does what
    // is trusted by its key, which says nothing about that name (RFC 9849 §6.1.7).
    const outer: ClientConfig = {
      ...config,
      serverName: { kind: "dns", name: publicName },
      pins: [],
      exactCertificates: [],
      publicKeys: [],
      externalPsks: [],
      sessions: undefined,
      identity: undefined,
    };
    const offer = Offer.create(inner);
    const outerOffer = Offer.create(outer, { inner: offer });
    // These go by the random that all can see (RFC 9850 §2.3).
    const keyLog = new KeyLog(config.keyLog, outerOffer.random);
    keyLog.log("ECH_SECRET", sender.sharedSecret);
    keyLog.log("ECH_CONFIG", encoded);
    return new EncryptedHello(
      { config: inner, offer },
      { config: outer, offer: outerOffer },
      selected,
      sender,
    );
  }

  /** What the last outer hello had as encrypted_client_hello. */
  get extension(): OfferedExtension | undefined {
    return this.#extension;
  }

  /**
   * Sends the outer hello, the first or the second one, and adds the inner one to the channel's
   * transcript.
   */
  async send(
    channel: HandshakeChannel,
    parts: HelloParts,
    psks: readonly OfferedPsk[],
    options?: HandOptions,
  ): Promise<void> {
    const { config, offer } = this.inner;
    const outer = this.outer.offer.hello({ ...parts, ech: this.#withPayload(new Uint8Array(0)) });
    const visible = [...outer.extensions, ...reservedPsks(config.crypto, psks)];
    const aligned = alignExtensions(offer.hello({ ...parts, ech: innerEchExtension() }), outer);
    const inner = await bindPsks(config.crypto, aligned.hello, psks, channel.transcript);
    const { maximumNameLength } = this.#selected.config;
    const { serverName } = config;
    const nameLength = serverName.kind === "dns" ? serverName.name.length : undefined;
    const plaintext = encodeInnerHello({ ...aligned, hello: inner }, maximumNameLength, nameLength);

    const encodeOuter = (ech: OfferedExtension) => {
      const extensions = visible.map((extension) =>
        extension.type === ech.type ? ech : extension,
      );
      return encodeClientHello({ ...outer, extensions });
    };
    // ClientHelloOuterAAD has zeros where the payload will be (RFC 9849 §5.2).
    const blank = this.#withPayload(new Uint8Array(plaintext.length + aeadTagLength));
    const sealed = await this.#sender.seal(encodeOuter(blank), plaintext);
    this.#extension = this.#withPayload(sealed);
    const { client_hello } = handshakeType;
    const { encoded } = encodeHandshake(client_hello, encodeOuter(this.#extension));
    this.#transcript.add(encoded);
    channel.transcript.add(encodeHandshake(client_hello, encodeClientHello(inner)).encoded);
    await channel.writer.hand(contentType.handshake, encoded, options);
  }

  /**
   * Whether a ServerHello or HelloRetryRequest answers the inner hello (RFC 9849 §6.1.4, §7.2).
   *
   * @param encoded the whole message, of which `hello` holds views.
   * @param transcript up to the message, with the inner hello.
   */
  async isConfirmedBy(
    { hello, encoded }: { hello: ServerHello; encoded: Bytes },
    transcript: Transcript,
    { hash }: CipherSuite13,
  ): Promise<boolean> {
    const isRetry = isHelloRetryRequest(hello);
    const confirmation = isRetry ? retryConfirmation(hello) : hello.random.subarray(24);
    if (confirmation === undefined) return false;
    const { config, offer } = this.inner;
    const hkdf = Hkdf.of(config.crypto, hash);
    const start = confirmation.byteOffset - encoded.byteOffset;
    const blanked = encoded.slice().fill(0, start, start + confirmation.length);
    const label = isRetry ? "hrr ech accept confirmation" : "ech accept confirmation";
    const [secret, transcriptHash] = await Promise.all([
      hkdf.extract(new Uint8Array(hkdf.length), offer.random),
      hkdf.digest(concat(transcript.bytes(), blanked)),
    ]);
    const expected = await hkdf.expandLabel(secret, label, transcriptHash, confirmation.length);
    return equalPublic(expected, confirmation);
  }

  /** The server answers the outer hello: the handshake goes on as if there were no other. */
  goOnWithOuter(channel: HandshakeChannel): void {
    channel.transcript.become(this.#transcript);
  }

  #withPayload(payload: Bytes): OfferedExtension {
    const { config, suite } = this.#selected;
    return outerEchExtension({
      kdf: suite.kdf.id,
      aead: suite.aead.id,
      configId: config.id,
      // The server knows it by then.
      encapsulatedKey:
        this.#extension === undefined ? this.#sender.encapsulatedKey : new Uint8Array(0),
      payload,
    });
  }
}

function retryConfirmation({ extensions }: ServerHello): Bytes | undefined {
  const body = extensions.get(extensionType.encrypted_client_hello);
  return body === undefined ? undefined : decodeEchConfirmation(body);
}

/**
 * What the outer hello has in place of the inner one's PSKs: random bytes of the same lengths, so
 * that the server's answer to those looks like one to these (RFC 9849 §6.1.2).
 */
function reservedPsks(crypto: CryptoProvider, psks: readonly OfferedPsk[]): OfferedExtension[] {
  if (psks.length === 0) return [];
  const identities = psks.map(({ identity }) => {
    const [age = 0] = new Uint32Array(crypto.randomBytes(4).buffer);
    return { identity: crypto.randomBytes(identity.length), obfuscatedAge: age };
  });
  const binders = psks.map(({ hash }) => crypto.randomBytes(hashLength[hash]));
  return [preSharedKeyExtension(identities, binders)];
}
