/**
 * What the client offers, and its ClientHello (RFC 8446 §4.1.2).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import type { CipherSuite } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import { certificateTypeExtensions } from "../messages/certificate-type.ts";
import {
  alpnExtension,
  type ClientHello,
  compressCertificateExtension,
  cookieExtension,
  earlyDataExtension,
  ecPointFormatsExtension,
  extendedMasterSecretExtension,
  type KeyShareEntry,
  keyShareExtension,
  type OfferedExtension,
  pskKeyExchangeModesExtension,
  recordSizeLimitExtension,
  serverNameExtension,
  sessionTicketExtension,
  signatureAlgorithmsExtension,
  signedCertificateTimestampExtension,
  statusRequestExtension,
  supportedGroupsExtension,
  supportedVersionsExtension,
} from "../messages/client-hello.ts";
import { extensionType } from "../messages/extension.ts";
import { wireVersion } from "../messages/registry.ts";
import type { Tls12Session } from "../session/session.ts";
import { drawGrease, type Grease } from "./grease.ts";

/** What two ClientHellos of a connection may differ in. */
export interface HelloParts {
  readonly shares: readonly KeyShareEntry[];
  readonly cookie?: Bytes | undefined;
  readonly hasEarlyData?: boolean;
  /** The extension encrypted_client_hello. */
  readonly ech?: OfferedExtension | undefined;
}

/** What an offer takes over. */
export interface OfferOrigin {
  /** Of TLS 1.2, to be resumed. */
  readonly session12?: Tls12Session | undefined;
  /** The offer that this one is sent in place of: it has the same session id and GREASE. */
  readonly inner?: Offer;
}

/** The parts of the ClientHello that stay the same when it is sent again (RFC 8446 §4.1.2). */
export class Offer {
  readonly random: Bytes;
  /** A session's of TLS 1.2, or made up: the server says by it that it resumes. */
  readonly sessionId: Bytes;
  readonly suites: readonly CipherSuite[];
  /** Numbers of the extensions that the server may answer, but for those of PSKs and of ECH. */
  readonly offered: ReadonlySet<number>;
  /** What stands for GREASE among the key shares: one or none (RFC 8701 §3.1). */
  readonly greaseShares: readonly KeyShareEntry[];
  readonly #grease: Grease | undefined;
  /** All but key_share, early_data, encrypted_client_hello, cookie and pre_shared_key. */
  readonly #extensions: readonly OfferedExtension[];
  /** Extension numbers in the order they are sent. */
  readonly #order: readonly number[];

  private constructor(config: ClientConfig, { session12, inner }: OfferOrigin) {
    const { crypto, suites } = config;
    this.suites = suites;
    this.random = crypto.randomBytes(32);
    this.sessionId = inner?.sessionId ?? this.#sessionIdFor(session12, crypto);
    this.#grease = inner === undefined ? drawIfWanted(config) : inner.#grease;
    this.greaseShares = this.#grease === undefined ? [] : [this.#grease.keyShare];
    const fixed = this.#fixedExtensions(config, session12);
    const types = fixed.map(({ type }) => type);
    if (this.offers("TLSv1.3")) types.push(extensionType.key_share);
    const reserved = this.#grease?.extensions ?? [];
    this.#extensions = [...fixed, ...reserved];
    const { early_data, encrypted_client_hello } = extensionType;
    const others = [...reserved.map(({ type }) => type), early_data, encrypted_client_hello];
    this.#order = shuffle(crypto, [...types, ...others]);
    this.offered = new Set(
      // The suite list stands for renegotiation_info (RFC 5746 §3.3).
      this.offers("TLSv1.2") ? [...types, extensionType.renegotiation_info] : types,
    );
  }

  static create(config: ClientConfig, origin: OfferOrigin = {}): Offer {
    return new Offer(config, origin);
  }

  /** The ClientHello without its PSKs, the first or the second one. */
  hello({ shares, cookie, hasEarlyData = false, ech }: HelloParts): ClientHello {
    const bodies = new Map(this.#extensions.map((extension) => [extension.type, extension]));
    bodies.set(extensionType.key_share, keyShareExtension(shares));
    if (hasEarlyData) bodies.set(extensionType.early_data, earlyDataExtension());
    if (ech !== undefined) bodies.set(ech.type, ech);
    const extensions = this.#order.flatMap((type) => bodies.get(type) ?? []);
    if (cookie !== undefined) extensions.push(cookieExtension(cookie));
    return {
      random: this.random,
      sessionId: this.sessionId,
      cipherSuites: this.#greased(
        "suite",
        this.suites.map(({ number }) => number),
      ),
      offersTls12: this.offers("TLSv1.2"),
      extensions,
    };
  }

  /** Whether a suite of this version is offered, and with it the version. */
  offers(version: CipherSuite["version"]): boolean {
    return this.suites.some((suite) => suite.version === version);
  }

  #sessionIdFor(session12: Tls12Session | undefined, crypto: CryptoProvider): Bytes {
    if (session12?.handle.kind === "id") return session12.handle.bytes;
    // A server that takes a ticket repeats the id (RFC 5077 §3.4); TLS 1.3 looks like that to
    // middleboxes (RFC 8446 appendix D.4); else there is nothing to say.
    const isUseful = session12 !== undefined || this.offers("TLSv1.3");
    return isUseful ? crypto.randomBytes(32) : new Uint8Array(0);
  }

  #fixedExtensions(config: ClientConfig, session12: Tls12Session | undefined): OfferedExtension[] {
    const { serverName, groups, alpn, records, sessions, pskOnly } = config;
    // Hybrids are for TLS 1.3 only.
    const usable = groups.filter(({ kem }) => kem === undefined || this.offers("TLSv1.3"));
    const extensions = [
      supportedGroupsExtension(
        this.#greased(
          "group",
          usable.map(({ number }) => number),
        ),
      ),
      recordSizeLimitExtension(records.recordSizeLimit),
      ...certificateTypeExtensions("client_certificate_type", config.clientCertificateTypes),
      ...certificateTypeExtensions("server_certificate_type", config.serverCertificateTypes),
    ];
    // Without it, a server may not authenticate itself by a certificate (RFC 8446 §4.2.3).
    if (!pskOnly) {
      const schemes = config.signatureSchemes.map(({ number }) => number);
      extensions.push(signatureAlgorithmsExtension(this.#greased("signatureScheme", schemes)));
    }
    // Addresses are not sent as names (RFC 6066 §3).
    if (serverName.kind === "dns") extensions.push(serverNameExtension(serverName.name));
    if (alpn.length > 0) extensions.push(alpnExtension(this.#greased("protocol", alpn)));
    // Neither a raw public key nor a PSK has a status.
    const mayShowX509 = !pskOnly && config.serverCertificateTypes.includes("X509");
    if (config.ocspStapling && mayShowX509) extensions.push(statusRequestExtension());
    if (config.signedCertificateTimestamps) {
      extensions.push(signedCertificateTimestampExtension());
    }
    if (this.offers("TLSv1.2")) {
      extensions.push(ecPointFormatsExtension(), extendedMasterSecretExtension());
      const ticket = session12?.handle.kind === "ticket" ? session12.handle.bytes : undefined;
      if (sessions !== undefined) {
        extensions.push(sessionTicketExtension(ticket ?? new Uint8Array(0)));
      }
    }
    if (this.offers("TLSv1.3")) {
      const versions = [wireVersion.tls13, ...(this.offers("TLSv1.2") ? [wireVersion.tls12] : [])];
      extensions.push(supportedVersionsExtension(this.#greased("version", versions)));
      // Always, as BoringSSL does: what a client keeps is not for everybody to see.
      extensions.push(pskKeyExchangeModesExtension());
      const algorithms = config.decompressors.map(({ algorithm }) => algorithm);
      if (algorithms.length > 0) extensions.push(compressCertificateExtension(algorithms));
    }
    return extensions;
  }

  /** A list with its reserved value in front, where GREASE is wanted. */
  #greased<Name extends keyof Grease>(
    name: Name,
    values: readonly Grease[Name][],
  ): readonly Grease[Name][] {
    return this.#grease === undefined ? values : [this.#grease[name], ...values];
  }
}

function drawIfWanted({ grease, crypto }: ClientConfig): Grease | undefined {
  return grease ? drawGrease(crypto) : undefined;
}

/**
 * A random order (Fisher–Yates), so that servers and middleboxes can't come to rely on one. A byte
 * modulo a few is not quite even, which does no harm here.
 */
function shuffle(crypto: CryptoProvider, items: readonly number[]): number[] {
  const shuffled = [...items];
  const random = crypto.randomBytes(items.length);
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = (random[last] ?? 0) % (last + 1);
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a === undefined || b === undefined) continue;
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
