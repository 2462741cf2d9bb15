/**
 * External PSKs in the name of a partition. This module is loaded where there are some.
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { Writer } from "../messages/writer.ts";
import type { ExternalPsk } from "../psk-options.ts";

/** All that tells one key from another, so that one that is changed opens no session of the old one. */
export async function describePsk(crypto: CryptoProvider, psk: ExternalPsk): Promise<Bytes> {
  const { identity, key, hash = "SHA-256", importer } = psk;
  const encoder = new TextEncoder();
  const labelled = concat(encoder.encode("webtls partition, external PSK\0"), key);
  const digest = await crypto.digest("SHA-256", labelled);
  return Writer.build((w) => {
    w.vector(2, () => w.bytes(identity));
    w.vector(1, () => w.bytes(digest));
    w.vector(1, () => w.bytes(encoder.encode(hash)));
    w.u8(importer === undefined ? 0 : 1);
    w.vector(2, () => w.bytes(importer?.context ?? new Uint8Array(0)));
  });
}
