/**
 * What BoringSSL takes its name constraints' test data to mean: which names each constraint lets
 * pass, and which it does not. The data itself does not say.
 *
 * @module
 */

/** Names held against the constraints of one file. */
export interface NameConstraintCase {
  /** File of the constraints, without its ending. */
  readonly constraints: string;
  /** What the names are: DNS names or IP addresses as they stand, or files of names. */
  readonly of: "dns" | "ip" | "subject" | "alternative names";
  readonly permitted: readonly string[];
  readonly refused: readonly string[];
}

const dnsNames: readonly NameConstraintCase[] = [
  {
    constraints: "dnsname",
    of: "dns",
    permitted: [
      "permitted.example.com",
      "permitted.example.com.",
      "a.permitted.example.com",
      "alsopermitted.example.com",
      "*.foo.permitted.example.com",
      "*.alsopermitted.example.com",
      "*xcluded.permitted.example.com",
      "exclude*.permitted.example.com",
      "excl*ded.permitted.example.com",
      "permitted.example3.com",
      "permitted.example3.com.",
      "a.permitted.example3.com",
      "a.permitted.example3.com.",
    ],
    refused: [
      "apermitted.example.com",
      "apermitted.example.com.",
      "excluded.permitted.example.com",
      "a.excluded.permitted.example.com",
      "stillnotpermitted.excluded.permitted.example.com",
      "a.stillnotpermitted.excluded.permitted.example.com",
      "extraneousexclusion.example.com",
      "a.extraneousexclusion.example.com",
      "other.example.com",
      "other.com",
      "*.permitted.example.com",
      "*.excluded.permitted.example.com",
      "*.example2.com",
      "*.",
      "*.*",
      ".*",
      "*",
    ],
  },
  {
    constraints: "dnsname2",
    of: "dns",
    permitted: ["com", "bar.com", "baz.bar.com", "*.baz.bar.com", "*.com"],
    refused: ["foo.bar.com", "baz.foo.bar.com", "*.bar.com", "*.foo.bar.com"],
  },
  {
    constraints: "dnsname-permitted_with_leading_dot",
    of: "dns",
    permitted: ["foo.bar.com", "*.bar.com"],
    refused: ["com", "bar.com", "foobar.com"],
  },
  {
    constraints: "dnsname-excluded_with_leading_dot",
    of: "dns",
    permitted: ["com", "bar.com", "foobar.com"],
    refused: ["foo.bar.com", "*.bar.com"],
  },
  {
    constraints: "dnsname-permitted_two_dot",
    of: "dns",
    permitted: [],
    refused: ["com", "com.", "foo.com", "*.com"],
  },
  {
    constraints: "dnsname-excluded",
    of: "dns",
    permitted: ["", "foo.com", "permitted.example.com"],
    refused: ["excluded.permitted.example.com", "a.excluded.permitted.example.com"],
  },
  {
    constraints: "dnsname-excludeall",
    of: "dns",
    permitted: [],
    refused: ["", "foo.com", "permitted.example.com", "foo.permitted.example.com"],
  },
  {
    constraints: "dnsname-exclude_dot",
    of: "dns",
    permitted: ["permitted.example.com", "foo.permitted.example.com"],
    refused: ["foo.com"],
  },
];

const addresses: readonly NameConstraintCase[] = [
  {
    constraints: "ipaddress",
    of: "ip",
    permitted: [
      "192.168.0.1",
      "192.167.5.32",
      "192.167.5.63",
      "102:304:506:708:90a:b0c::1",
      "102:304:506:708:90a:b0b:520:0",
      "102:304:506:708:90a:b0b:53f:ffff",
    ],
    refused: [
      "192.169.0.1",
      "192.168.5.1",
      "192.168.5.33",
      "192.167.5.31",
      "192.167.5.64",
      "192.166.5.32",
      "102:304:506:708:90a:b0d::1",
      "102:304:506:708:90a:b0c:500:1",
      "102:304:506:708:90a:b0c:521:1",
      "102:304:506:708:90a:b0b:51f:ffff",
      "102:304:506:708:90a:b0b:540:0",
      "102:304:506:708:90a:b0a:521:1",
    ],
  },
  {
    constraints: "ipaddress-excluded",
    of: "ip",
    permitted: ["192.168.0.1", "102:304:506:708:90a:b0d::1"],
    refused: ["192.168.5.1"],
  },
  {
    constraints: "ipaddress-excludeall",
    of: "ip",
    permitted: [],
    refused: [
      "192.168.0.1",
      "1.1.1.1",
      "201:101:101:101:101:101:101:101",
      "102:304:506:708:90a:b0d::1",
    ],
  },
  {
    constraints: "ipaddress-permit_singlehost",
    of: "ip",
    permitted: ["192.168.1.3"],
    refused: ["0.0.0.0", "192.168.1.1", "192.168.1.2", "192.168.1.4", "255.255.255.255"],
  },
  {
    constraints: "ipaddress-permit_prefix31",
    of: "ip",
    permitted: ["192.168.1.2", "192.168.1.3"],
    refused: ["0.0.0.0", "192.168.1.1", "192.168.1.4", "192.168.1.5", "255.255.255.255"],
  },
  {
    constraints: "ipaddress-permit_prefix1",
    of: "ip",
    permitted: ["128.0.0.0", "255.255.255.255"],
    refused: ["0.0.0.0", "127.255.255.255"],
  },
  {
    constraints: "ipaddress-permit_all",
    of: "ip",
    permitted: ["0.0.0.0", "192.168.1.1", "255.255.255.255"],
    refused: [],
  },
  {
    constraints: "ipaddress-mapped_addrs",
    of: "ip",
    permitted: ["192.168.1.0", "192.168.1.2", "::ffff:192.168.2.0", "::ffff:192.168.2.2"],
    refused: ["::ffff:192.168.1.0", "192.168.1.1", "192.168.2.0", "::ffff:192.168.2.1"],
  },
];

const subjects: readonly NameConstraintCase[] = [
  {
    constraints: "directoryname",
    of: "subject",
    permitted: [
      "name-us",
      "name-us-arizona",
      "name-jp-tokyo",
      "name-us-arizona-email",
      "name-us-arizona-email-invalidstring",
    ],
    refused: [
      "name-ca",
      "name-us-california",
      "name-us-california-mountain_view",
      "name-de",
      "name-jp",
    ],
  },
  {
    constraints: "directoryname-excluded",
    of: "subject",
    permitted: ["name-empty", "name-us"],
    refused: ["name-us-california", "name-us-california-mountain_view"],
  },
  {
    constraints: "directoryname-excludeall",
    of: "subject",
    permitted: [],
    refused: [
      "name-empty",
      "name-us",
      "name-us-california",
      "name-us-california-mountain_view",
      "name-jp",
    ],
  },
  {
    constraints: "rfc822name-permitted-hostname",
    of: "subject",
    permitted: ["name-us-arizona-email", "name-us-arizona-email-multiple"],
    refused: ["name-us-arizona-email-invalidstring"],
  },
  {
    constraints: "rfc822name-permitted",
    of: "subject",
    permitted: [],
    refused: [
      "name-us-arizona-email",
      "name-us-arizona-email-localpartcase",
      "name-us-arizona-email-multiple",
    ],
  },
  {
    constraints: "rfc822name-excluded",
    of: "subject",
    permitted: ["name-us-arizona-email"],
    refused: ["name-us-arizona-email-localpartcase", "name-us-arizona-email-multiple"],
  },
  {
    constraints: "directoryname_and_dnsname",
    of: "subject",
    permitted: ["name-us-arizona-foo.com", "name-us-arizona-permitted.example.com"],
    refused: ["name-us-california-permitted.example.com"],
  },
  {
    constraints: "directoryname_and_dnsname_and_ipaddress",
    of: "subject",
    permitted: ["name-us-arizona-1.1.1.1", "name-us-arizona-192.168.1.1", "name-us-arizona-ipv6"],
    refused: ["name-us-california-192.168.1.1"],
  },
];

/** Files of alternative names with mail addresses, by what follows their usual beginning. */
const mail = (...endings: readonly string[]) =>
  endings.map((ending) => (ending === "" ? "san-rfc822name" : `san-rfc822name-${ending}`));

const alternativeNames = (
  constraints: string,
  permitted: readonly string[],
  refused: readonly string[],
): NameConstraintCase => ({ constraints, of: "alternative names", permitted, refused });

const ofAnyForm = ["san-permitted"];

const inAlternativeNames: readonly NameConstraintCase[] = [
  alternativeNames(
    "dnsname",
    [...ofAnyForm, "san-excluded-directoryname", "san-excluded-ipaddress"],
    ["san-excluded-dnsname"],
  ),
  alternativeNames(
    "directoryname",
    [...ofAnyForm, "san-excluded-dnsname", "san-excluded-ipaddress"],
    ["san-excluded-directoryname"],
  ),
  alternativeNames(
    "ipaddress",
    [...ofAnyForm, "san-excluded-dnsname", "san-excluded-directoryname"],
    ["san-excluded-ipaddress"],
  ),
  ...["othername", "x400address", "edipartyname", "uri", "registeredid"].flatMap((form) =>
    ["permitted", "excluded"].map((kind) =>
      alternativeNames(`${form}-${kind}`, [], [`san-${form}`]),
    ),
  ),
  alternativeNames(
    "rfc822name-permitted",
    mail("", "domaincase"),
    mail("localpartcase", "subdomain", "no-at", "two-ats", "quoted", "ipv4", "multiple"),
  ),
  alternativeNames(
    "rfc822name-excluded",
    mail("localpartcase", "subdomain"),
    mail("", "domaincase", "no-at", "two-ats", "ipv4"),
  ),
  alternativeNames(
    "rfc822name-permitted-hostname",
    mail("", "domaincase", "localpartcase", "multiple"),
    mail("subdomain", "no-at", "two-ats", "empty-localpart", "quoted"),
  ),
  alternativeNames(
    "rfc822name-excluded-hostname",
    mail("subdomain"),
    mail("", "domaincase", "localpartcase", "no-at", "two-ats", "empty-localpart"),
  ),
  ...["permitted", "excluded"].map((kind) =>
    alternativeNames(
      `rfc822name-${kind}-hostnamewithat`,
      [],
      mail("empty-localpart", "", "domaincase", "localpartcase", "subdomain", "no-at", "two-ats"),
    ),
  ),
  alternativeNames(
    "rfc822name-permitted-subdomains",
    mail("subdomain", "subdomaincase"),
    mail("", "subdomain-no-at", "subdomain-two-ats"),
  ),
  alternativeNames(
    "rfc822name-excluded-subdomains",
    mail(""),
    mail("subdomain", "subdomaincase", "subdomain-no-at", "subdomain-two-ats"),
  ),
  ...["permitted", "excluded"].flatMap((kind) => [
    alternativeNames(`rfc822name-${kind}-empty`, [], mail("", "empty")),
    alternativeNames(`rfc822name-${kind}-ipv4`, [], mail("", "empty", "ipv4")),
  ]),
  alternativeNames("rfc822name-permitted-quoted", [], mail("quoted")),
  alternativeNames("rfc822name-excluded-quoted", [], mail("subdomain")),
  alternativeNames("othername-excluded", mail("quoted"), []),
];

/** Every file of constraints that can be read, and names for each. */
export const nameConstraintCases: readonly NameConstraintCase[] = [
  ...dnsNames,
  ...addresses,
  ...subjects,
  ...inAlternativeNames,
];

/** Files of constraints that are refused whatever the names are. */
export const unreadableConstraints: readonly string[] = [
  "dnsname-with_min_0",
  "dnsname-with_min_1",
  "dnsname-with_min_0_and_max",
  "dnsname-with_min_1_and_max",
  "dnsname-with_max",
  "invalid-no_subtrees",
  "invalid-empty_permitted_subtree",
  "invalid-empty_excluded_subtree",
  "ipaddress-invalid_addr",
  "ipaddress-invalid_mask_not_contiguous_1",
  "ipaddress-invalid_mask_not_contiguous_2",
  "ipaddress-invalid_mask_not_contiguous_3",
  "ipaddress-invalid_mask_not_contiguous_4",
];

/** Files of one alternative name that are of no use to any constraint, with its form. */
export const readableNames: ReadonlyMap<string, string> = new Map([
  ["san-directoryname", "directory"],
  ["san-dnsname", "dns"],
  ["san-ipaddress4", "ip"],
  ["san-ipaddress6", "ip"],
]);

/** Files of alternative names that can't be read. */
export const unreadableNames: readonly string[] = ["san-invalid-empty", "san-invalid-ipaddress"];
