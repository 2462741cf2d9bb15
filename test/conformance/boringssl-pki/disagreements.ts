/**
 * Where webtls and BoringSSL's corpus disagree, each case with the reason.
 *
 * @module
 */

/** Cases that share a reason. */
interface Group {
  readonly reason: string;
  readonly cases: readonly string[];
}

const within = (folder: string, files: readonly string[]) =>
  files.map((file) => `${folder}/${file}`);

const chains: readonly Group[] = [
  {
    reason:
      "not possible to ask: certificates for other things than TLS servers and clients, which have rules of their own",
    cases: [
      "intermediate-eku-c2pamanifest/c2patimestamp",
      "intermediate-eku-c2patimestamping/c2pamanifest",
      "intermediate-eku-mlsclientauth/mlsclientauth",
      "target-eku-any/mlsclientauth",
      "target-eku-many/mlsclientauth",
      "target-eku-none/mlsclientauth",
    ],
  },
  {
    reason:
      "not possible to ask: purposes are judged in one way, and not strictly: private authorities leave extended key usage out, or name other purposes beside",
    cases: [
      "target-eku-clientauth/clientauth-strict",
      ...within("target-eku-many", [
        "clientauth-strict",
        "clientauth-strict-leaf",
        "serverauth-strict",
        "serverauth-strict-leaf",
      ]),
      ...within("target-eku-none", [
        "clientauth-strict",
        "clientauth-strict-leaf",
        "serverauth-strict",
      ]),
    ],
  },
  {
    reason:
      "anyExtendedKeyUsage does not count, as in rustls and in x509-limbo: it does not say that the issuer has looked at a server",
    cases: [
      "intermediate-eku-any-and-clientauth/serverauth",
      "intermediate-eku-any-and-clientauth/serverauth-strict-leaf",
      "target-eku-any/clientauth",
      "target-eku-any/serverauth",
    ],
  },
  {
    reason: "not possible to ask: a root's certificate is held to all that it says, or to nothing",
    cases: [
      "expired-root/not-after-ta-with-constraints",
      "root-eku-clientauth/serverauth-ta-with-expiration",
    ],
  },
  {
    reason: "a root of version 3 has to say that it is an authority's, as x509-limbo wants it",
    cases: within("root-lacks-basic-constraints", [
      "ta-with-constraints",
      "ta-with-require-basic-constraints",
    ]),
  },
  {
    reason: "signatures with SHA-1 are refused",
    cases: [
      "intermediate-eku-server-gated-crypto/sha1-eku-any",
      "issuer-and-subject-not-byte-for-byte-equal/target",
    ],
  },
  {
    reason: "RSA keys of 1024 bits are refused",
    cases: ["issuer-and-subject-not-byte-for-byte-equal/anchor"],
  },
  {
    reason:
      "policies are not looked at, so where an authority demands one by a critical extension nothing can be said",
    cases: [
      ...within("policies-inhibit-anypolicy-by-root-ok", ["main", "ta-with-constraints"]),
      ...within("policies-inhibit-mapping-by-root-ok", ["main", "ta-with-constraints"]),
      ...within("policies-ok", ["main", "ta-with-constraints"]),
      ...within("policies-on-root-ok", ["main", "ta-with-constraints"]),
      ...within("policy-mappings-on-root-ok", ["main", "ta-with-constraints"]),
      "policies-inhibit-anypolicy-by-root-fail/main",
      "policies-inhibit-mapping-by-root-fail/main",
      "policies-on-root-wrong/main",
      "policies-required-by-root-ok/ta-with-constraints",
      "policy-mappings-on-root-fail/main",
    ],
  },
  {
    reason:
      "a critical extension of Microsoft's that repeats extended key usage is not known, so not taken",
    cases: ["target-msapplicationpolicies-and-eku/main"],
  },
  {
    reason: "an authority's certificate is not taken for a server's, as in rustls",
    cases: ["target-has-ca-basic-constraints/main"],
  },
  {
    reason:
      "a certificate that may sign others and is no authority's contradicts itself (RFC 5280 §4.2.1.9)",
    cases: ["target-has-keycertsign-but-not-ca/main"],
  },
  {
    reason:
      "every key exchange that webtls speaks needs a key that may sign (RFC 8446 §4.4.2.2); BoringSSL leaves that to its TLS",
    cases: [
      "target-not-end-entity/main",
      ...within("target-serverauth-various-keyusages", [
        "ec-decipherOnly",
        "ec-keyAgreement",
        "ec-keyEncipherment",
        "rsa-decipherOnly",
        "rsa-keyAgreement",
        "rsa-keyEncipherment",
      ]),
    ],
  },
  {
    reason:
      "a certificate that is trusted itself, byte for byte, needs no signature, by whomever it is",
    cases: [
      "target-only/trusted_leaf_require_self_signed",
      "target-selfissued/trusted_leaf_require_self_signed",
    ],
  },
  {
    reason:
      "half of the names are not permitted by the constraints, which OpenSSL says too; BoringSSL does not run this case, saying that its numbers are wrong",
    cases: ["many-names/ok-all-types"],
  },
];

const nameConstraints: readonly Group[] = [
  {
    reason: "names with an asterisk inside of a label are no DNS names, so not permitted as such",
    cases: [
      "dnsname: *xcluded.permitted.example.com",
      "dnsname: exclude*.permitted.example.com",
      "dnsname: excl*ded.permitted.example.com",
    ],
  },
  {
    reason: "an empty name is no DNS name (RFC 5280 §4.2.1.6), so the certificate can't be read",
    cases: ["dnsname-excluded: "],
  },
  {
    reason: "a leading period in a DNS constraint is refused, as x509-limbo wants it (RFC 5280)",
    cases: [
      "dnsname-permitted_with_leading_dot: foo.bar.com",
      "dnsname-permitted_with_leading_dot: *.bar.com",
      "dnsname-excluded_with_leading_dot: com",
      "dnsname-excluded_with_leading_dot: bar.com",
      "dnsname-excluded_with_leading_dot: foobar.com",
      "dnsname-exclude_dot: permitted.example.com",
      "dnsname-exclude_dot: foo.permitted.example.com",
    ],
  },
  {
    reason:
      "an empty subject is no name, so not constrained (RFC 5280 §4.2.1.10); BoringSSL asks this of the name alone, without a certificate",
    cases: ["directoryname-excludeall: name-empty"],
  },
];

/** The reason of each case that is listed, by its id. */
export const disagreements: ReadonlyMap<string, string> = new Map(
  [
    ...chains,
    ...nameConstraints.map(({ reason, cases }) => ({
      reason,
      cases: cases.map((id) => `name constraints: ${id}`),
    })),
  ].flatMap(({ reason, cases }) => cases.map((id) => [id, reason] as const)),
);
