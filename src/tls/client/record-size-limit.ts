/**
 * The sizes of protected records that both sides ask for (RFC 8449).
 *
 * @module
 */

import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { minRecordSizeLimit } from "../limits.ts";
import { type Extensions, extensionType } from "../messages/extension.ts";
import { decodeRecordSizeLimit } from "../messages/server-flight.ts";
import type { ProtocolVersionName } from "../options.ts";
import type { HandshakeChannel } from "./channel.ts";

/**
 * Puts both limits in force where the server knows the extension; otherwise it can't know ours.
 *
 * @throws TlsError `handshake/illegal-parameter` for a limit below 64 bytes (RFC 8449 §4).
 */
export function settleRecordSizeLimit(
  channel: HandshakeChannel,
  { records }: ClientConfig,
  extensions: Extensions,
  version: ProtocolVersionName,
): void {
  const body = extensions.get(extensionType.record_size_limit);
  if (body === undefined) return;
  const limit = decodeRecordSizeLimit(body);
  if (limit < minRecordSizeLimit) {
    throw new TlsError(
      "handshake/illegal-parameter",
      `The server limits records to ${limit} bytes; ${minRecordSizeLimit} are the least it may (RFC 8449 §4).`,
    );
  }
  // In TLS 1.3 it counts the type of the content too.
  channel.writer.limitTo(version === "TLSv1.3" ? limit - 1 : limit);
  channel.reader.limitTo(records.recordSizeLimit);
}
