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
    tests: ["*_WITH_*_CBC_*", "CBCRecordSplitting*", "MaxCBCPadding"],
  },
  {
    reason: "never: RSA key exchange",
    tests: ["*-RSA_WITH_*", "RSAKeyUsage-Client-WantEncipherment-GotEnciphermentTLS*"],
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
    tests: ["*RSA_PKCS1_SHA1*", "*ECDSA_SHA1*", "Agree-Digest-SHA1"],
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
    tests: ["*RSA_PKCS1_SHA256_LEGACY*"],
  },
  {
    reason: "draft: flags of tickets, and resumption across names",
    tests: ["TLS13-Client-*TicketFlags*", "TLS13-Client-*ResumptionAcrossNames"],
  },
  {
    reason: "FEATURES.md, A4: P-521 and Ed25519 are accepted by default",
    tests: [
      "Client-VerifyDefault-ECDSA_P521_SHA512-*",
      "Client-VerifyDefault-Ed25519-*",
      "Ed25519DefaultDisable-*",
    ],
  },
  {
    reason: "FEATURES.md, A8: a resumed session is not verified again, the identity is carried",
    tests: [
      "CertificateVerification*OnResume-*",
      "EarlyData-*-Client-Reverify*",
      "TLS-ECH-Client-*-NoOverrideName",
      "TLS-ECH-Client-*-OverrideNameOnRetry",
    ],
  },
  {
    reason:
      "FEATURES.md, A15: not tls-unique, which is unsafe without RFC 7627 and gone in TLS 1.3",
    tests: ["TLSUnique-*"],
  },
  {
    reason: "FEATURES.md, A23: the longest certificate is a constant",
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
    reason: "a forbidden repetition is an illegal_parameter (FEATURES.md, table E)",
    tests: ["DuplicateExtensionClient-TLS-TLS12", "DuplicateExtensionClient-TLS-TLS13"],
    alert: "illegal parameter",
    error: "handshake/illegal-parameter",
  },
  {
    reason: "RFC 8446 §4.2: a known extension in the wrong message is an illegal_parameter",
    tests: ["EncryptedExtensionsWithKeyShare-TLS13"],
    alert: "illegal parameter",
    error: "handshake/illegal-parameter",
  },
  {
    reason: "RFC 8446 §6.2: a certificate that can't be read is a bad_certificate",
    tests: [
      "GarbageCertificate-Client-*",
      "ServerCertificateType-Client-*-ServerIncorrectlySentRPK-TLS13",
    ],
    alert: "bad certificate",
    error: "certificate/malformed",
  },
  {
    reason: "RFC 8446 §6.2: what the verifier does not say more of is a certificate_unknown",
    tests: ["CertificateVerificationFail-Client-*"],
    alert: "unknown certificate",
    error: "certificate/refused-by-caller",
  },
  {
    reason: "RFC 8446 §4.1.4: a retry is checked as a ServerHello, whose compression is a value",
    tests: ["TLS13-HRR-InvalidCompressionMethod"],
    alert: "illegal parameter",
    error: "handshake/illegal-parameter",
  },
];

/** BoringSSL's names of errors, with what the shim says instead: one of them has to be in it. */
export const errors = /** @type {const} */ ({});
