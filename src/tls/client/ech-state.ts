/**
 * How Encrypted Client Hello stands in the course of a handshake (RFC 9849 §6).
 *
 * @module
 */

import type { OfferedExtension } from "../messages/client-hello.ts";
import type { EncryptedHello } from "./encrypted-hello.ts";

export type EchState =
  | { readonly status: "not-offered" }
  /** What goes out as encrypted_client_hello, now and in a second ClientHello. */
  | { readonly status: "grease" | "rejected"; readonly extension: OfferedExtension | undefined }
  | { readonly status: "offered"; readonly hello: EncryptedHello }
  | { readonly status: "accepted"; readonly hello: EncryptedHello };
