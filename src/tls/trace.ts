/**
 * What a connection tells of itself as it happens. The protocol knows no clock: whoever hosts it adds
 * the time (`stream/trace.ts`).
 *
 * @module
 */

import type { OcspVerdict } from "../x509/ocsp/verify.ts";
import { alertName } from "./alert.ts";
import type { HandshakeInfo } from "./info.ts";
import { contentType, handshakeName, handshakeType, hex } from "./messages/registry.ts";
import { isHelloRetryRequest } from "./messages/server-hello.ts";
import type { HandshakeMessage } from "./record/handshake-joiner.ts";
import type { ConnectionStatistics } from "./statistics.ts";

/**
 * One step of the protocol. A plain value that survives structured clone; it never holds secrets,
 * application data or contents of messages.
 */
export type ProtocolStep =
  | {
      /**
       * A handshake message or change_cipher_spec: received when its turn has come, sent when it is
       * on its way to the transport. Those after the handshake are told too.
       */
      kind: "message-sent" | "message-received";
      /** As the RFCs write it, e.g. `"client_hello"`; a number in hex where it has no name. */
      name: string;
      /** In bytes, with the message's header, without that of the record. */
      length: number;
    }
  /** The first bytes have come from the server. */
  | { kind: "first-byte" }
  /** What is agreed on from here on: one or more of these. */
  | ({ kind: "settled" } & Partial<Settled>)
  /** An OCSP response that the server has stapled is sound: what it says, or why it has no answer. */
  | { kind: "certificate-status"; ocsp: OcspVerdict["status"] }
  /** Timestamps of these logs show that the certificate was made public (RFC 6962), by their names. */
  | { kind: "certificate-logged"; logs: readonly string[] }
  /** A path leads from the certificate to a root, and it is valid for the name. */
  | { kind: "certificate-verified" }
  /** The server's certificate is one of those trusted as they are, and it is valid. */
  | { kind: "certificate-known" }
  /** The server's raw public key is one of those trusted. */
  | { kind: "public-key-known" }
  /** `dangerousVerify` has taken the server's certificate. */
  | { kind: "certificate-accepted-by-caller" }
  /** The server has the certificate's key. */
  | { kind: "signature-verified" }
  /** Both sides have seen the same handshake: data may flow. With what it took on the wire. */
  | ({ kind: "handshake-done" } & ConnectionStatistics)
  /** Both directions have ended, or the connection has failed. Told once, as the last of it. */
  | ({ kind: "ended" } & ConnectionStatistics)
  /** `name` as in RFC 8446 §6, e.g. `"close_notify"`; a number in hex where it has none. */
  | { kind: "alert-sent" | "alert-received"; name: string };

type Settled = Pick<
  HandshakeInfo,
  | "version"
  | "cipherSuite"
  | "group"
  | "signatureScheme"
  | "alpn"
  | "handshake"
  | "extendedMasterSecret"
  | "earlyData"
> & {
  /** The server's answer to Encrypted Client Hello; a refusal ends the handshake later. */
  ech: HandshakeInfo["ech"] | "rejected";
};

/** Takes the steps, in order. Absent, no step is made. It must not throw. */
export type Trace = (step: ProtocolStep) => void;

/** The step of receiving a message. */
export function receivedMessage({ type, body, encoded }: HandshakeMessage): ProtocolStep {
  // The two share a number and are told apart by the random, behind two bytes of version (RFC 8446
  // §4.1.3).
  const isRetry =
    type === handshakeType.server_hello && isHelloRetryRequest({ random: body.subarray(2, 34) });
  const name = isRetry ? "hello_retry_request" : handshakeName(type);
  return { kind: "message-received", name, length: encoded.length };
}

/** The step of receiving a change_cipher_spec. */
export const receivedChangeCipherSpec: ProtocolStep = {
  kind: "message-received",
  name: "change_cipher_spec",
  length: 1,
};

/** The step of sending a record's content other than application data: one message, or an alert. */
export function sentContent(type: number, content: Uint8Array): ProtocolStep {
  const [first = 0, second = 0] = content;
  switch (type) {
    case contentType.alert:
      return { kind: "alert-sent", name: alertName(second) };
    case contentType.handshake:
      return { kind: "message-sent", name: handshakeName(first), length: content.length };
    case contentType.changeCipherSpec:
      return { kind: "message-sent", name: "change_cipher_spec", length: content.length };
    default:
      return { kind: "message-sent", name: hex(type, 1), length: content.length };
  }
}
