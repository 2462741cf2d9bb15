/**
 * Alerts (RFC 8446 §6, RFC 5246 §7.2), and the one table from an error's code to the alert sent.
 *
 * @module
 */

import { type Sentence, TlsError, type TlsErrorCode } from "../errors.ts";

/** AlertDescription (RFC 8446 §6). The ones only older versions knew are still understood. */
export const alertNumbers = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  decryption_failed: 21,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  no_certificate: 41,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  export_restriction: 60,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  certificate_unobtainable: 111,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  bad_certificate_hash_value: 114,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
  ech_required: 121,
} as const;
export type AlertName = keyof typeof alertNumbers;

/** AlertLevel (RFC 5246 §7.2). TLS 1.3 ignores it on receipt (RFC 8446 §6). */
export const alertLevel = { warning: 1, fatal: 2 } as const;

const names = new Map<number, AlertName>(
  Object.entries(alertNumbers).map(([name, number]) => [number, name as AlertName]),
);

/** The alert's name, or its number in hex where it has none. */
export function alertName(number: number): AlertName | `0x${string}` {
  return names.get(number) ?? `0x${number.toString(16).padStart(2, "0")}`;
}

/** Where none is sent: the peer, or the way to it, is not there yet or gone already. */
type WithoutAlert =
  | "configuration/invalid-option"
  | "configuration/invalid-state"
  | `bridge/${string}`
  | "timeout/connect"
  | "handshake/ech-lookup-failed"
  | "alert/received"
  // None of a connection's.
  | "identity/bad-file"
  | "identity/unsupported-file"
  | "identity/wrong-password"
  | "identity/storage-failed"
  | "closed/truncated"
  | "closed/remote"
  | "closed/worker";

/** The alert for each failure that has one. */
export const alertForCode: Readonly<
  Record<Exclude<TlsErrorCode, WithoutAlert>, AlertName> & { [Code in TlsErrorCode]?: AlertName }
> = {
  "configuration/unsupported-platform": "internal_error",
  aborted: "user_canceled",
  "timeout/handshake": "user_canceled",
  "record/bad-mac": "bad_record_mac",
  "record/overflow": "record_overflow",
  "record/malformed": "decode_error",
  "record/unexpected-type": "unexpected_message",
  "record/flood": "unexpected_message",
  "record/sequence-exhausted": "close_notify",
  "handshake/unexpected-message": "unexpected_message",
  "handshake/decode-error": "decode_error",
  "handshake/illegal-parameter": "illegal_parameter",
  "handshake/missing-extension": "missing_extension",
  "handshake/unsupported-extension": "unsupported_extension",
  "handshake/message-too-long": "illegal_parameter",
  "handshake/no-common-version": "protocol_version",
  "handshake/no-common-suite": "handshake_failure",
  "handshake/downgrade": "illegal_parameter",
  "handshake/bad-signature": "decrypt_error",
  "handshake/bad-finished": "decrypt_error",
  // That name is for servers to say (RFC 7301 §3.2); rustls and BoringSSL send this one too.
  "handshake/no-application-protocol": "illegal_parameter",
  "handshake/extended-master-secret-required": "handshake_failure",
  "handshake/extended-master-secret-changed": "handshake_failure",
  "handshake/early-data-downgrade": "protocol_version",
  "handshake/renegotiation": "unexpected_message",
  "handshake/bad-renegotiation-info": "handshake_failure",
  "handshake/flood": "unexpected_message",
  "handshake/ech-rejected": "ech_required",
  "handshake/internal-error": "internal_error",
  "certificate/missing": "decode_error",
  "certificate/malformed": "bad_certificate",
  "certificate/expired": "certificate_expired",
  "certificate/not-yet-valid": "certificate_expired",
  "certificate/wrong-name": "bad_certificate",
  "certificate/unknown-issuer": "unknown_ca",
  "certificate/self-signed": "unknown_ca",
  "certificate/bad-signature": "bad_certificate",
  "certificate/not-a-ca": "bad_certificate",
  "certificate/path-too-long": "bad_certificate",
  "certificate/wrong-key-usage": "unsupported_certificate",
  "certificate/wrong-purpose": "unsupported_certificate",
  "certificate/weak-key": "bad_certificate",
  "certificate/unsupported-algorithm": "unsupported_certificate",
  "certificate/unknown-critical-extension": "bad_certificate",
  "certificate/name-constraint": "bad_certificate",
  "certificate/budget-exceeded": "bad_certificate",
  "certificate/refused-by-caller": "certificate_unknown",
  "certificate/bad-status-response": "bad_certificate_status_response",
  "certificate/bad-compression": "bad_certificate",
  "certificate/unsupported-type": "unsupported_certificate",
  "certificate/unknown-key": "certificate_unknown",
  "certificate/unknown-certificate": "certificate_unknown",
  "certificate/not-pinned": "certificate_unknown",
  "certificate/revoked": "certificate_revoked",
  "certificate/unknown-revocation-status": "certificate_unknown",
  "certificate/bad-crl": "certificate_unknown",
  "certificate/crl-expired": "certificate_unknown",
  "certificate/status-missing": "bad_certificate_status_response",
  "certificate/not-logged": "certificate_unknown",
  // The client's own trouble, which shows before or while it answers a CertificateRequest.
  "identity/bad-certificate": "internal_error",
  "identity/bad-key": "internal_error",
  "identity/encrypted-key": "internal_error",
  "identity/key-mismatch": "internal_error",
  "identity/not-usable": "handshake_failure",
  "identity/selection-failed": "internal_error",
  "identity/signing-failed": "internal_error",
  "closed/local": "user_canceled",
};

/**
 * The alert for a failure. Nothing answers an alert (RFC 8446 §6.2), unless something is wrong with
 * the alert itself: that stands as the failure's cause.
 */
export function alertDue({ code, cause }: TlsError): AlertName | undefined {
  const isAlertWrong = code === "alert/received" && cause instanceof TlsError;
  return alertForCode[isAlertWrong ? cause.code : code];
}

/** What the alerts a server sends usually mean, and what to do. */
const hints: Partial<Record<AlertName, Sentence>> = {
  handshake_failure: "It shares no cipher suite, group or signature scheme with this client.",
  protocol_version: "It speaks neither TLS 1.2 nor TLS 1.3, or not the versions allowed here.",
  unrecognized_name: "It does not serve this name. Check the hostname or the servername option.",
  certificate_required: "It wants a client certificate and none was sent.",
  bad_certificate: "It did not accept the client's certificate, or wants one.",
  no_application_protocol: "It speaks none of the application protocols offered in alpn.",
  internal_error: "It failed by itself. Its log may say why.",
  close_notify: "It closed the connection before the handshake was done.",
};

/** A sentence or two for a person about an alert that the server sent. */
export function explainAlert(name: ReturnType<typeof alertName>): Sentence {
  const hint = name in hints ? ` ${hints[name as AlertName]}` : "";
  return `The server ended the connection with the alert ${name}.${hint}`;
}
