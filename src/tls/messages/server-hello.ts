/**
 * ServerHello and HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4), and the bodies of the extensions
 * they carry.
 *
 * @module
 */

import { type Bytes, equalPublic } from "../../crypto/bytes.ts";
import type { KeyShareEntry } from "./client-hello.ts";
import { type Extensions, readExtensions } from "./extension.ts";
import { Reader } from "./reader.ts";

export interface ServerHello {
  readonly legacyVersion: number;
  /** 32 bytes. */
  readonly random: Bytes;
  readonly sessionId: Bytes;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
}

/** SHA-256 of "HelloRetryRequest", which stands as its random (RFC 8446 §4.1.3). */
const helloRetryRandom = Uint8Array.of(
  ...[
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
  ],
  ...[
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
  ],
);

export function decodeServerHello(body: Bytes): ServerHello {
  return Reader.parse(body, "ServerHello", (r) => {
    const legacyVersion = r.u16();
    const random = r.take(32);
    const sessionId = r.vector(1);
    if (sessionId.length > 32) throw r.error("has a session id of more than 32 bytes");
    const cipherSuite = r.u16();
    const compressionMethod = r.u8();
    // TLS 1.2 may leave out the whole list (RFC 5246 §7.4.1.3).
    const onDuplicate = isHelloRetryRequest({ random })
      ? "handshake/illegal-parameter"
      : "handshake/decode-error";
    const extensions: Extensions = r.isEmpty ? new Map() : readExtensions(r, onDuplicate);
    return { legacyVersion, random, sessionId, cipherSuite, compressionMethod, extensions };
  });
}

export function isHelloRetryRequest({ random }: Pick<ServerHello, "random">): boolean {
  return equalPublic(random, helloRetryRandom);
}

/** What a server that could have spoken a newer version puts at the end of its random. */
export type DowngradeSentinel = "TLSv1.2" | "TLSv1.1 or below";

/** The sentinel in the last eight bytes of the random, "DOWNGRD" and a number (RFC 8446 §4.1.3). */
export function downgradeSentinel(random: Bytes): DowngradeSentinel | undefined {
  const mark = String.fromCharCode(...random.subarray(24, 31));
  if (mark !== "DOWNGRD") return undefined;
  if (random[31] === 1) return "TLSv1.2";
  return random[31] === 0 ? "TLSv1.1 or below" : undefined;
}

/** supported_versions of a ServerHello (RFC 8446 §4.2.1). */
export function decodeSelectedVersion(body: Bytes): number {
  return Reader.parse(body, "supported_versions", (r) => r.u16());
}

/** key_share of a ServerHello (RFC 8446 §4.2.8). */
export function decodeServerShare(body: Bytes): KeyShareEntry {
  return Reader.parse(body, "key_share", (r) => ({ group: r.u16(), keyExchange: r.vector(2, 1) }));
}

/** pre_shared_key of a ServerHello: the place of a PSK in the ClientHello (RFC 8446 §4.2.11). */
export function decodeSelectedIdentity(body: Bytes): number {
  return Reader.parse(body, "pre_shared_key", (r) => r.u16());
}
