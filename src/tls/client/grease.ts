/**
 * GREASE (RFC 8701): values reserved for meaning nothing, offered so that servers and middleboxes
 * which choke on what they do not know are found before the next real value comes.
 *
 * A server may pick none of them. No check is made for that here: each is refused as anything else
 * that it was not offered in earnest.
 *
 * @module
 */

import type { CryptoProvider } from "../../crypto/provider.ts";
import type { KeyShareEntry, OfferedExtension } from "../messages/client-hello.ts";

/** The values of one connection; they stay the same when the ClientHello is sent again. */
export interface Grease {
  readonly suite: number;
  readonly version: number;
  readonly signatureScheme: number;
  readonly group: number;
  /** Of the same group, one byte long. */
  readonly keyShare: KeyShareEntry;
  readonly protocol: string;
  /** Two, one of them empty. */
  readonly extensions: readonly OfferedExtension[];
}

/** Draws the values at random (RFC 8701 §3.1). */
export function drawGrease(crypto: CryptoProvider): Grease {
  const random = crypto.randomBytes(7);
  const draw = (index: number) => reserved((random[index] ?? 0) >> 4);
  const group = draw(3);
  const empty = draw(5);
  // No extension may stand there twice (RFC 8446 §4.2).
  const other = draw(6) === empty ? empty ^ 0x1010 : draw(6);
  return {
    suite: draw(0),
    version: draw(1),
    signatureScheme: draw(2),
    group,
    keyShare: { group, keyExchange: Uint8Array.of(0) },
    protocol: reservedProtocol((random[4] ?? 0) >> 4),
    extensions: [
      { type: empty, body: new Uint8Array(0) },
      { type: other, body: Uint8Array.of(0) },
    ],
  };
}

/** One of the sixteen numbers 0x0a0a, 0x1a1a, … 0xfafa (RFC 8701 §2). */
function reserved(index: number): number {
  return (index * 16 + 0x0a) * 0x0101;
}

/** One of the first eight protocol names that are the same bytes (RFC 8701 §2): those are ASCII. */
function reservedProtocol(index: number): string {
  return String.fromCharCode((index % 8) * 16 + 0x0a).repeat(2);
}
