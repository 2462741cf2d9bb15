/**
 * Which of the runner's tests are not run, each with the reason, and which of our errors stand for
 * which of BoringSSL's.
 */

/**
 * The first that matches counts.
 *
 * @type {readonly { reason: string, tests: readonly string[] }[]}
 */
export const disabled = [
  {
    reason: "never: versions below TLS 1.2",
    tests: [
      "*-TLS1",
      "*-TLS1-*",
      "*-TLS11",
      "*-TLS11-*",
      "TLS1-*",
      "TLS11-*",
      "DisableEverything",
      "NoSSL3-Client-Unsolicited",
    ],
  },
  {
    reason: "never: CBC, and no other suite is left for the test",
    tests: [
      "*_WITH_*_CBC_*",
      "BadCBCPadding*",
      "CBCRecordSplitting*",
      "MaxCBCPadding",
      "Resume-Client-CipherMismatch",
    ],
  },
  {
    reason: "never: RSA key exchange",
    tests: [
      "*-RSA_WITH_*",
      "CertificateCipherMismatch-PSS",
      "RSAEphemeralKey",
      "RSAKeyUsage-Client-WantEncipherment-*",
    ],
  },
  {
    reason: "never: suites with a PSK in TLS 1.2 (RFC 4279, RFC 5489)",
    tests: [
      "*-ECDHE_PSK_WITH_*",
      "*-PSK_WITH_*",
      "ClientAuth-*PSK",
      "Empty*PSKHint*",
      "ExplicitEmptyPSKHint",
    ],
  },
  {
    reason: "never: renegotiation",
    tests: [
      "BadHelloRequest-*",
      "ExportKeyingMaterial-Renegotiate",
      "ExtendedMasterSecret-Renego-*",
      "NoLegacyServerConnect-TLS13",
      "Renegotiate-*",
      "Renegotiation-*",
      "Shutdown-Shim-HelloRequest-CannotHandshake-*",
    ],
  },
  {
    reason: "never: version fallback, and with it its SCSV (RFC 7507)",
    tests: ["SendFallbackSCSV"],
  },
  {
    reason: "never: data before the server's Finished (False Start, RFC 7918)",
    tests: ["*FalseStart*"],
  },
  {
    reason: "no SHA-1 and no MD5",
    tests: [
      "Agree-Digest-SHA1",
      "Client-InvalidSignature-*_SHA1-*",
      "Client-Sign-*_SHA1-*",
      "Client-SignDefault-*_SHA1-TLS12",
      "Client-Verify-*_SHA1-*",
      "Client-VerifyDefault-RSA_PKCS1_SHA1-TLS12",
    ],
  },
  {
    reason: "draft: ALPS",
    tests: ["ALPS-*", "AllExtensions-Client-Permute-*HelloRetryRequest-TLS-TLS13"],
  },
  {
    reason: "draft, given up: Channel ID",
    tests: ["ChannelID-*", "EarlyDataChannelID-*", "TLS-ECH-Client-*ChannelID*"],
  },
  {
    reason: "draft, given up: NPN",
    tests: ["NPN-*", "NegotiateALPNAndNPN-*", "TLS-ECH-Client-NoNPN"],
  },
  {
    reason: "draft: PAKE",
    tests: ["PAKE-Client*"],
  },
  {
    reason: "draft: trust anchor identifiers",
    tests: [
      "TrustAnchors-Client*",
      "TrustAnchors-EmptyID-*",
      "TrustAnchors-TLS12-Client",
      "*-TrustAnchors-*-Client-*",
    ],
  },
  {
    reason: "draft: padding that the client asks the server for",
    tests: ["ServerPadding-*"],
  },
  {
    reason: "draft: PKCS#1 signatures of clients in TLS 1.3",
    tests: ["Client-Sign-*_LEGACY-*", "Client-Verify-*_LEGACY-*"],
  },
  {
    reason: "draft: flags of tickets, and resumption across names",
    tests: [
      "TLS13-Client-KnownAndUnknownTicketFlags-*",
      "TLS13-Client-EmptyTicketFlags",
      "TLS13-Client-NonminimalTicketFlags",
      "TLS13-Client-*ResumptionAcrossNames",
    ],
  },
  {
    reason: "P-521 and Ed25519 are accepted by default, where BoringSSL wants to be asked",
    tests: [
      "Client-VerifyDefault-ECDSA_P521_SHA512-*",
      "Client-VerifyDefault-Ed25519-*",
      "Ed25519DefaultDisable-*",
    ],
  },
  {
    reason:
      "BoringSSL's only: a resumed session is verified again, where ours carries its identity",
    tests: [
      "CertificateVerificationFailsOnResume-*",
      "CertificateVerificationPassesOnResume-*",
      "EarlyData-*-Client-Reverify*",
      "TLS-ECH-Client-*-NoOverrideName",
      "TLS-ECH-Client-*-OverrideNameOnRetry",
    ],
  },
  {
    reason:
      "early data is of one of the protocols offered, and does not go with a session of none of them",
    tests: ["EarlyData-ALPNOmitted1-Client-TLS13"],
  },
  {
    reason:
      "BoringSSL's only: the caller sets how long a certificate may be, where ours is a constant",
    tests: ["LargeMessage-Reject"],
  },
  {
    reason: "BoringSSL's only: the downgrade sentinel of servers that JDK 11 gets wrong",
    tests: ["Client-RejectJDK11DowngradeRandom"],
  },
  {
    reason: "BoringSSL's only: peeking at data, where ours comes as streams",
    tests: ["Peek-*"],
  },
  {
    reason: "BoringSSL's only: the caller sends any alert it likes",
    tests: ["ShimSendAlert-*"],
  },
  {
    reason: "BoringSSL's only: a protocol the client has not offered is let pass",
    tests: ["ALPNClient-AllowUnknown-*"],
  },
  {
    reason: "of QUIC or DTLS, and turned off where it is neither",
    tests: ["QUICTransportParams-*", "SRTP-Client-*"],
  },
];

/**
 * Tests that fail as they should, but with another alert or for another reason than BoringSSL's. The
 * runner has to have received the alert, and the shim's error has to be this one.
 *
 * @type {readonly { reason: string, tests: readonly string[], alert?: string, error?: string }[]}
 */
export const deviations = [
  {
    reason: "RFC 5246 §7.2.2: a HelloRequest is refused by a warning, after which the runner ends",
    tests: ["Shutdown-Shim-HelloRequest-Reject-*"],
    error: "closed/truncated",
  },
];

/**
 * BoringSSL's names of errors, with what the shim says instead: one of them has to be in it. Where
 * many of its errors are one of ours, the alert that the runner checks besides tells them apart.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const errors = {
  ":ALPN_MISMATCH_ON_EARLY_DATA:": ["handshake/illegal-parameter"],
  ":APPLICATION_DATA_ON_SHUTDOWN:": ["Data came after the shim had closed."],
  ":BAD_ALERT:": ["record/malformed", "(received unexpected_message)"],
  ":BAD_CHANGE_CIPHER_SPEC:": ["record/malformed", "handshake/unexpected-message"],
  ":BAD_DECRYPT:": ["record/bad-mac"],
  ":BAD_ECC_CERT:": ["handshake/illegal-parameter"],
  ":BAD_ECPOINT:": ["handshake/illegal-parameter"],
  ":BAD_HANDSHAKE_RECORD:": ["handshake/unexpected-message", "record/malformed"],
  ":BAD_SIGNATURE:": ["handshake/bad-signature"],
  ":CANNOT_PARSE_LEAF_CERT:": ["handshake/decode-error"],
  ":CERTIFICATE_VERIFY_FAILED:": ["certificate/refused-by-caller", "the flags want no server"],
  ":CERT_CB_ERROR:": ["identity/selection-failed"],
  ":CERT_DECOMPRESSION_FAILED:": ["certificate/bad-compression"],
  ":CIPHER_MISMATCH_ON_EARLY_DATA:": ["handshake/illegal-parameter"],
  ":DATA_LENGTH_TOO_LONG:": ["record/overflow"],
  ":DECODE_ERROR:": [
    "handshake/decode-error",
    "handshake/illegal-parameter",
    "handshake/missing-extension",
    "certificate/malformed",
    "certificate/missing",
  ],
  ":DECRYPTION_FAILED_OR_BAD_RECORD_MAC:": ["record/bad-mac", "record/unexpected-type"],
  ":DIGEST_CHECK_FAILED:": ["handshake/bad-finished"],
  ":DUPLICATE_EXTENSION:": ["handshake/decode-error", "handshake/illegal-parameter"],
  ":ECH_REJECTED:": ["handshake/ech-rejected"],
  ":EMPTY_HELLO_RETRY_REQUEST:": ["handshake/illegal-parameter"],
  ":ENCRYPTED_LENGTH_TOO_LONG:": ["record/overflow"],
  ":ERROR_PARSING_EXTENSION:": [
    "handshake/decode-error",
    "handshake/illegal-parameter",
    "handshake/unsupported-extension",
  ],
  ":EXCESS_HANDSHAKE_DATA:": ["handshake/unexpected-message"],
  ":HANDSHAKE_FAILURE_ON_CLIENT_HELLO:": ["(received handshake_failure)"],
  ":HANDSHAKE_NOT_COMPLETE:": ["configuration/invalid-state"],
  ":INCONSISTENT_ECH_NEGOTIATION:": ["handshake/illegal-parameter"],
  ":INVALID_ALPN_PROTOCOL:": ["handshake/no-application-protocol"],
  ":INVALID_ECH_CONFIG_LIST:": ["configuration/invalid-option"],
  // The outer type is authenticated: with another one the tag does not match (RFC 8446 §5.2).
  ":INVALID_OUTER_RECORD_TYPE:": ["record/bad-mac"],
  ":INVALID_RAW_PUBLIC_KEY:": ["handshake/decode-error"],
  ":KEY_USAGE_BIT_INCORRECT:": ["certificate/wrong-key-usage"],
  ":MISSING_EXTENSION:": ["handshake/missing-extension"],
  ":MISSING_KEY_SHARE:": ["handshake/missing-extension"],
  ":NO_COMMON_SIGNATURE_ALGORITHMS:": ["identity/not-usable"],
  ":NO_MATCHING_ISSUER:": ["identity/not-usable"],
  ":OCSP_CB_ERROR:": ["certificate/bad-status-response"],
  ":OLD_SESSION_PRF_HASH_MISMATCH:": ["handshake/illegal-parameter"],
  ":OLD_SESSION_VERSION_NOT_RETURNED:": ["handshake/illegal-parameter"],
  ":PARSE_TLSEXT:": ["handshake/decode-error"],
  ":PEER_DID_NOT_RETURN_A_CERTIFICATE:": ["certificate/missing"],
  ":PSK_IDENTITY_NOT_FOUND:": ["handshake/illegal-parameter"],
  ":RESUMED_EMS_SESSION_WITHOUT_EMS_EXTENSION:": ["handshake/extended-master-secret-changed"],
  ":RESUMED_NON_EMS_SESSION_WITH_EMS_EXTENSION:": ["handshake/extended-master-secret-changed"],
  ":SECOND_SERVERHELLO_VERSION_MISMATCH:": ["handshake/illegal-parameter"],
  ":SERVER_ECHOED_INVALID_SESSION_ID:": ["handshake/illegal-parameter"],
  ":SSLV3_ALERT_DECOMPRESSION_FAILURE:": ["(received decompression_failure)"],
  ":TLS13_DOWNGRADE:": ["handshake/downgrade"],
  ":TLSV1_ALERT_RECORD_OVERFLOW:": ["(received record_overflow)"],
  ":TOO_MANY_EMPTY_FRAGMENTS:": ["record/flood", "handshake/unexpected-message"],
  ":TOO_MANY_KEY_UPDATES:": ["handshake/flood"],
  ":TOO_MANY_WARNING_ALERTS:": ["record/flood"],
  ":UNCOMPRESSED_CERT_TOO_LARGE:": ["certificate/bad-compression"],
  ":UNEXPECTED_EXTENSION:": ["handshake/unsupported-extension", "handshake/illegal-parameter"],
  ":UNEXPECTED_MESSAGE:": ["handshake/unexpected-message"],
  ":UNEXPECTED_RECORD:": ["handshake/unexpected-message", "record/unexpected-type"],
  ":UNKNOWN_ALERT_TYPE:": ["handshake/illegal-parameter"],
  ":UNKNOWN_CERTIFICATE_TYPE:": ["identity/not-usable"],
  ":UNKNOWN_CERT_COMPRESSION_ALG:": ["handshake/illegal-parameter"],
  ":UNSUPPORTED_ALGORITHM:": ["handshake/illegal-parameter"],
  ":UNSUPPORTED_CERTIFICATE:": ["handshake/illegal-parameter", "certificate/unsupported-type"],
  ":UNSUPPORTED_COMPRESSION_ALGORITHM:": ["handshake/illegal-parameter"],
  ":UNSUPPORTED_PROTOCOL:": ["handshake/no-common-version", "handshake/illegal-parameter"],
  ":UNUSABLE_ECH_CONFIG_LIST:": ["configuration/invalid-option", "handshake/ech-lookup-failed"],
  ":WRONG_CERTIFICATE_TYPE:": ["handshake/illegal-parameter"],
  ":WRONG_CIPHER_RETURNED:": ["handshake/illegal-parameter"],
  ":WRONG_CURVE:": ["handshake/illegal-parameter"],
  ":WRONG_SIGNATURE_TYPE:": ["handshake/illegal-parameter"],
  ":WRONG_VERSION_NUMBER:": ["record/malformed"],
  ":WRONG_VERSION_ON_EARLY_DATA:": ["handshake/early-data-downgrade"],
  "failed to get tls-unique": ["configuration/invalid-state"],
  "Unexpected SSL_shutdown result: -1 != 1": ["closed/truncated"],
};
