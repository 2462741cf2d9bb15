/**
 * NewSessionTicket, which is one message's name and two messages' shape (RFC 8446 §4.6.1,
 * RFC 5077 §3.3).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { checkPlaces, extensionType, readExtensions } from "./extension.ts";
import { Reader } from "./reader.ts";

/** Of TLS 1.3. */
export interface NewSessionTicket13 {
  /** In seconds; 0 says not to keep it. */
  readonly lifetime: number;
  readonly ageAdd: number;
  readonly nonce: Bytes;
  readonly ticket: Bytes;
  /** Most bytes of early data; 0 where none is allowed. */
  readonly maxEarlyData: number;
}

/** RFC 8446 §4.6.1. */
export function decodeNewSessionTicket13(body: Bytes): NewSessionTicket13 {
  const { extensions, ...fields } = Reader.parse(body, "NewSessionTicket", (r) => ({
    lifetime: r.u32(),
    ageAdd: r.u32(),
    nonce: r.vector(1),
    ticket: r.vector(2, 1),
    extensions: readExtensions(r, "handshake/illegal-parameter"),
  }));
  checkPlaces(extensions, "NewSessionTicket");
  const earlyData = extensions.get(extensionType.early_data);
  const maxEarlyData =
    earlyData === undefined ? 0 : Reader.parse(earlyData, "early_data", (r) => r.u32());
  return { ...fields, maxEarlyData };
}

/** Of TLS 1.2. */
export interface NewSessionTicket12 {
  /** In seconds, as a hint; 0 for none. */
  readonly lifetime: number;
  /** Empty where the server has changed its mind. */
  readonly ticket: Bytes;
}

/** RFC 5077 §3.3. */
export function decodeNewSessionTicket12(body: Bytes): NewSessionTicket12 {
  return Reader.parse(body, "NewSessionTicket", (r) => ({
    lifetime: r.u32(),
    ticket: r.vector(2),
  }));
}
