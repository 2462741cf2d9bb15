/**
 * What the scripted server reads of a ClientHello (RFC 8446 §4.1.2).
 *
 * @module
 */

import type { Bytes } from "../../src/crypto/bytes.ts";
import { extensionType } from "../../src/tls/messages/extension.ts";
import { Reader } from "../../src/tls/messages/reader.ts";

export interface ReceivedClientHello {
  readonly legacyVersion: number;
  readonly random: Bytes;
  readonly sessionId: Bytes;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** Bodies by number, in the order they came. */
  readonly extensions: ReadonlyMap<number, Bytes>;
  /** Of supported_groups. */
  readonly groups: readonly number[];
  /** Of key_share: the client's public values by group. */
  readonly keyShares: ReadonlyMap<number, Bytes>;
}

export function decodeClientHello(body: Bytes): ReceivedClientHello {
  return Reader.parse(body, "ClientHello", (r) => {
    const fixed = {
      legacyVersion: r.u16(),
      random: r.take(32),
      sessionId: r.vector(1),
      cipherSuites: r.list(2, 2, (suite) => suite.u16()),
      compressionMethods: r.list(1, 1, (method) => method.u8()),
    };
    const extensions = new Map(r.list(2, 0, (e) => [e.u16(), e.vector(2)] as const));
    return {
      ...fixed,
      extensions,
      groups: readList(extensions.get(extensionType.supported_groups), (group) => group.u16()),
      keyShares: new Map(
        readList(extensions.get(extensionType.key_share), (share) => {
          return [share.u16(), share.vector(2, 1)] as const;
        }),
      ),
    };
  });
}

function readList<T>(body: Bytes | undefined, read: (reader: Reader) => T): T[] {
  if (body === undefined) return [];
  return Reader.parse(body, "extension of the ClientHello", (r) => r.list(2, 0, read));
}
