/**
 * What trace events tell of messages, in the form of BoringSSL's message callback.
 *
 * @module
 */

import type { ConnectionInfo, TraceEvent } from "../../../src/stream/duplex.ts";
import { Unexpected } from "./expectations.ts";

/** HandshakeType (RFC 8446 §4, RFC 5246 §7.4). A HelloRetryRequest is a ServerHello by its type. */
const handshakeTypes: Readonly<Record<string, number>> = {
  client_hello: 1,
  server_hello: 2,
  hello_retry_request: 2,
  new_session_ticket: 4,
  encrypted_extensions: 8,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
  certificate_status: 22,
};

/** The messages of a connection, in their order. */
export class MessageLog {
  readonly #lines: string[] = [];

  add(event: TraceEvent): void {
    if (event.kind !== "message-sent" && event.kind !== "message-received") return;
    const direction = event.kind === "message-sent" ? "write" : "read";
    const what =
      event.name === "change_cipher_spec"
        ? "ccs"
        : `hs ${handshakeTypes[event.name] ?? event.name}`;
    this.#lines.push(`${direction} ${what}`);
  }

  /**
   * @param expected lines. Alerts among them are told apart from messages, with a level that has no
   * meaning any more; the inner ClientHello is no message that goes over the wire.
   * @throws Unexpected
   */
  check(expected: string | undefined, version: ConnectionInfo["version"]): void {
    if (expected === undefined) return;
    const isMessage = (line: string) => !/ alert |clienthelloinner/.test(line) && line !== "";
    const wanted = expected.split("\n").filter(isMessage);
    // In TLS 1.3 the callback is not told of it, as it has no meaning (RFC 8446 §5).
    const isTold = (line: string) => version === "TLSv1.2" || line !== "read ccs";
    const got = this.#lines.filter(isTold);
    if (got.join() !== wanted.join()) throw new Unexpected(`messages: ${got}, not ${wanted}`);
  }
}
