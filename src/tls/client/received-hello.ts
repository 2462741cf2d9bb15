/**
 * What the server answers to a ClientHello: a ServerHello, or a HelloRetryRequest in its form, and the
 * checks that both have to pass (RFC 8446 §4.1.3).
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import { type CipherSuite, type CipherSuite13, describeSuite } from "../cipher-suite.ts";
import type { ClientConfig } from "../config.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType, hex, wireVersion } from "../messages/registry.ts";
import {
  decodeSelectedVersion,
  decodeServerHello,
  isHelloRetryRequest,
  type ServerHello,
} from "../messages/server-hello.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { HandshakeChannel } from "./channel.ts";
import type { Proposal } from "./proposal.ts";

export interface ReceivedHello {
  readonly hello: ServerHello;
  readonly version: ProtocolVersionName;
  readonly encoded: Bytes;
}

export async function receiveServerHello(channel: HandshakeChannel): Promise<ReceivedHello> {
  const message = await channel.expect(handshakeType.server_hello);
  const hello = decodeServerHello(message.body);
  return { hello, version: selectedVersion(hello), encoded: message.encoded };
}

/** RFC 8446 §4.2.1: the extension alone speaks for TLS 1.3, the old field for what came before. */
function selectedVersion({ legacyVersion, extensions }: ServerHello): ProtocolVersionName {
  const selected = extensions.get(extensionType.supported_versions);
  if (selected === undefined) {
    if (legacyVersion === wireVersion.tls12) return "TLSv1.2";
    throw noCommonVersion(legacyVersion);
  }
  if (legacyVersion !== wireVersion.tls12) {
    throw illegal(`has ${hex(legacyVersion)} as legacy_version, where TLS 1.3 has 0x0303`);
  }
  const version = decodeSelectedVersion(selected);
  if (version === wireVersion.tls13) return "TLSv1.3";
  throw illegal(`selected the version ${hex(version)} by supported_versions`);
}

export function noCommonVersion(version: number): TlsError {
  const names = new Map<number, string>([
    [0x0300, "SSL 3.0"],
    [wireVersion.tls10, "TLS 1.0"],
    [wireVersion.tls11, "TLS 1.1"],
    [wireVersion.tls12, "TLS 1.2"],
    [wireVersion.tls13, "TLS 1.3"],
  ]);
  return new TlsError(
    "handshake/no-common-version",
    `The server chose ${names.get(version) ?? hex(version)}, which is not offered here. Update it, or check minVersion and maxVersion.`,
  );
}

/** The checks that a ServerHello of TLS 1.3 and a HelloRetryRequest share (RFC 8446 §4.1.3). */
export function checkHello13(hello: ServerHello, { offer, config }: Proposal): CipherSuite13 {
  if (hello.compressionMethod !== 0 && isHelloRetryRequest(hello)) {
    // RFC 8446 §4.1.3 fixes the byte and names no alert. BoringSSL and rustls: a message that can't
    // be read.
    throw new TlsError("handshake/decode-error", "The server's HelloRetryRequest compresses.");
  }
  if (!equalPublic(hello.sessionId, offer.sessionId)) throw illegal("echoed another session id");
  const suite = selectedSuite(hello, config);
  if (suite.version === "TLSv1.3") return suite;
  throw illegal(`chose ${suite.name}, a suite of TLS 1.2, in TLS 1.3`);
}

/** Null compression, and a suite that was offered. */
export function selectedSuite(hello: ServerHello, { suites }: ClientConfig): CipherSuite {
  if (hello.compressionMethod !== 0) throw illegal("chose to compress");
  const suite = suites.find(({ number }) => number === hello.cipherSuite);
  if (suite !== undefined) return suite;
  throw illegal(`chose ${describeSuite(hello.cipherSuite)}, which was not offered`);
}

export function illegal(what: string): TlsError {
  return new TlsError("handshake/illegal-parameter", `The server ${what}.`);
}
