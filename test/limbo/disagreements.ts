/**
 * Where webtls and x509-limbo disagree, each case with the reason. Nearly all are chains that limbo
 * calls invalid and webtls takes. Some are in upstream's whole suite only.
 *
 * @module
 */

/** Cases that share a reason. */
interface Group {
  readonly reason: string;
  readonly cases: readonly string[];
}

const groups: readonly Group[] = [
  {
    reason:
      "valid by RFC 5280, but of no use to a TLS server: the authority's key is not for signatures of handshakes (RFC 8446 §4.4.2.2)",
    cases: ["rfc5280::ca-as-leaf", "pathlen::validation-ignores-pathlen-in-leaf"],
  },
  {
    reason: "not possible to ask: the number of intermediates is bounded by six, not by an option",
    cases: ["pathlen::max-chain-depth-1-exhausted"],
  },
  {
    reason:
      "private authorities leave out key identifiers, as openssl did by default for years; paths are found by names and proven by signatures",
    cases: [
      "rfc5280::aki::leaf-missing-aki",
      "rfc5280::aki::intermediate-missing-aki",
      "rfc5280::aki::cross-signed-root-missing-aki",
      "rfc5280::ski::root-missing-ski",
      "rfc5280::ski::intermediate-missing-ski",
    ],
  },
  {
    reason:
      "an authority key identifier in a root identifies nobody else; openssl writes the issuer's name into it where asked to, which only the rules of public authorities forbid",
    cases: [
      "webpki::aki::root-with-aki-missing-keyidentifier",
      "webpki::aki::root-with-aki-authoritycertissuer",
      "webpki::aki::root-with-aki-authoritycertserialnumber",
      "webpki::aki::root-with-aki-all-fields",
      "webpki::aki::root-with-aki-ski-mismatch",
    ],
  },
  {
    reason:
      "the constraints hold whether critical or not; the rules of public authorities allow this, and limbo has the same chain as a valid one (webpki::nc::permitted-dns-match-noncritical)",
    cases: ["rfc5280::nc::permitted-dns-match-noncritical"],
  },
  {
    reason:
      "policy constraints could be written non-critical until RFC 5280 (RFC 3280 §4.2.1.12), and any policy will do here",
    cases: ["rfc5280::pc::ica-noncritical-pc"],
  },
  {
    reason: "real names have underscores, and private authorities certify them",
    cases: ["rfc5280::san::underscore-dns"],
  },
  {
    reason:
      "RFC 5280 §4.1.2.2 asks to handle a serial number of zero gracefully; private authorities begin to count there",
    cases: ["rfc5280::serial::zero"],
  },
  {
    reason:
      "the common name is never looked at (RFC 9525 §2), so it can't mislead; private authorities write into it what they like",
    cases: [
      "webpki::cn::ipv4-hex-mismatch",
      "webpki::cn::ipv4-leading-zeros-mismatch",
      "webpki::cn::ipv6-uppercase-mismatch",
      "webpki::cn::ipv6-uncompressed-mismatch",
      "webpki::cn::ipv6-non-rfc5952-mismatch",
      "webpki::cn::not-in-san",
      "webpki::cn::punycode-not-in-san",
      "webpki::cn::utf8-vs-punycode-mismatch",
      "webpki::cn::case-mismatch",
    ],
  },
  {
    reason:
      "a rule for public authorities alone: RFC 5280 §4.2.1.12 allows any other purpose beside serverAuth, the extension to be critical or absent, and roots to have it",
    cases: [
      "webpki::eku::ee-anyeku",
      "webpki::eku::ee-critical-eku",
      "webpki::eku::ee-without-eku",
      "webpki::eku::root-has-eku",
    ],
  },
  {
    reason:
      "private authorities write basic constraints that are not critical, as openssl's examples did; they hold all the same",
    cases: ["rfc5280::root-non-critical-basic-constraints"],
  },
  {
    reason: "a rule for public authorities alone: such keys are as strong as others",
    cases: [
      "webpki::forbidden-rsa-not-divisible-by-8-in-root",
      "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf",
    ],
  },
  {
    reason:
      "where an issuer's certificate may be had is a hint, which is read where it is asked for",
    cases: ["webpki::malformed-aia"],
  },
  {
    reason:
      "only a list of public suffixes could tell, which is large and always out of date; that *.com is never matched needs none",
    cases: [
      "webpki::san::public-suffix-multi-label-wildcard-san",
      "webpki::san::public-suffix-private-namespace-wildcard-san",
    ],
  },
  {
    reason:
      "a rule for public authorities alone: RFC 5280 §4.2.1.6 allows alternative names to be critical beside a subject",
    cases: ["webpki::san::san-critical-with-nonempty-subject"],
  },
];

/** The reason of each case that is listed, by its id. */
export const disagreements: ReadonlyMap<string, string> = new Map(
  groups.flatMap(({ reason, cases }) => cases.map((id) => [id, reason] as const)),
);
