/**
 * Requests for an upgrade: what is checked of one before a target is dialled for it.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

/** Whether a request is a WebSocket handshake of the one version there is (RFC 6455 §4.2.1). */
export function isWebSocketHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === "GET" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    // Base64 of 16 bytes.
    /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
    headers["sec-websocket-version"] === "13"
  );
}

/** The answer to an origin that may not use the bridge. */
export const forbidden =
  "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" +
  "This origin may not use the bridge.\n";

/** The answer to what is no WebSocket handshake; it names the version (RFC 6455 §4.4). */
export const badRequest =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n" +
  "Sec-WebSocket-Version: 13\r\n\r\nThis is no WebSocket handshake of version 13.\n";
