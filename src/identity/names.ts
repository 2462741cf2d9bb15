/**
 * Whom a certificate is for: its subject and its alternative names, as a caller gives them.
 *
 * @module
 */

import type { JsonGeneralName, JsonNameParams } from "@peculiar/x509";
import { checkOptionNames, invalidOption } from "../errors.ts";
import { formatIp, serverNameFrom } from "../x509/names.ts";

/**
 * A distinguished name by its attributes (RFC 5280 §4.1.2.4, appendix A.1), each with one value or
 * several. They are written in the order of this list, and as they are: nothing in them is taken for
 * anything but text.
 */
export interface Subject {
  /** Two letters (ISO 3166), e.g. `"DE"`. */
  country?: string | readonly string[];
  stateOrProvince?: string | readonly string[];
  locality?: string | readonly string[];
  organization?: string | readonly string[];
  organizationalUnit?: string | readonly string[];
  commonName?: string | readonly string[];
  userId?: string | readonly string[];
  /** ASCII. RFC 5280 wants addresses in {@link AlternativeNames} instead. */
  emailAddress?: string | readonly string[];
}

/** Other names of the same (RFC 5280 §4.2.1.6); ASCII, as they are on the wire. */
export interface AlternativeNames {
  /** E.g. `"device-7.example.org"`. */
  dns?: readonly string[];
  /** E.g. `"alice@example.org"`. */
  email?: readonly string[];
  /** IPv4 or IPv6. */
  ip?: readonly string[];
  /** E.g. `"spiffe://example.org/alice"`. */
  uri?: readonly string[];
}

/** How an attribute is written, and how long it may be (RFC 5280 appendix A.1). */
const attributes = {
  country: { type: "C", string: "printableString", max: 2 },
  stateOrProvince: { type: "ST", string: "utf8String", max: 128 },
  locality: { type: "L", string: "utf8String", max: 128 },
  organization: { type: "O", string: "utf8String", max: 64 },
  organizationalUnit: { type: "OU", string: "utf8String", max: 64 },
  commonName: { type: "CN", string: "utf8String", max: 64 },
  // RFC 4519 §2.39, RFC 4524 §3.1: 256.
  userId: { type: "0.9.2342.19200300.100.1.1", string: "utf8String", max: 256 },
  emailAddress: { type: "E", string: "ia5String", max: 255 },
} as const satisfies Record<keyof Subject, { type: string; string: string; max: number }>;

/** The type of each kind of name, by `@peculiar/x509`. */
const kinds = { dns: "dns", email: "email", ip: "ip", uri: "url" } as const satisfies Record<
  keyof AlternativeNames,
  string
>;

/** @throws TlsError `configuration/invalid-option`, which names the attribute. */
export function readSubject(subject: Subject): JsonNameParams {
  if (typeof subject !== "object" || subject === null) {
    throw invalidOption("subject", 'an object such as { commonName: "Alice" }');
  }
  checkOptionNames(subject, Object.keys(attributes), "a subject");
  return (Object.keys(attributes) as (keyof Subject)[]).flatMap((name) => {
    const { type, string } = attributes[name];
    const given = subject[name] ?? [];
    const values: readonly string[] = [given].flat();
    return values.map((value) => {
      checkAttribute(name, value);
      return { [type]: [{ [string]: value }] };
    });
  });
}

function checkAttribute(name: keyof Subject, value: string): void {
  const { max } = attributes[name];
  // Half a surrogate pair is no text, and no encoding has it.
  const isText =
    typeof value === "string" && /^\P{Surrogate}+$/u.test(value) && [...value].length <= max;
  if (!isText) throw invalidOption(`subject.${name}`, `text of 1 to ${max} characters`);
  if (name === "country" && !/^[A-Z]{2}$/i.test(value)) {
    throw invalidOption("subject.country", 'two letters, e.g. "DE"');
  }
  if (name === "emailAddress") checkAscii("subject.emailAddress", value);
}

/** @throws TlsError `configuration/invalid-option`, which names the kind. */
export function readNames(names: AlternativeNames): JsonGeneralName[] {
  if (typeof names !== "object" || names === null) {
    throw invalidOption("names", 'an object such as { email: ["alice@example.org"] }');
  }
  checkOptionNames(names, Object.keys(kinds), "names");
  return (Object.keys(kinds) as (keyof AlternativeNames)[]).flatMap((kind) => {
    const given = names[kind] ?? [];
    if (!Array.isArray(given)) throw invalidOption(`names.${kind}`, "a list of strings");
    return given.map((value: string) => {
      checkAscii(`names.${kind}`, value);
      return { type: kinds[kind], value: kind === "ip" ? addressOf(value) : value };
    });
  });
}

function addressOf(value: string): string {
  const expected = invalidOption("names.ip", "addresses of IPv4 or IPv6, without a prefix");
  try {
    const name = serverNameFrom(value);
    if (name.kind === "ip") return formatIp(name.bytes);
  } catch {
    throw expected;
  }
  throw expected;
}

/** IA5String, without what no name has. */
function checkAscii(option: string, value: string): void {
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return;
  throw invalidOption(option, "ASCII without spaces: names in other scripts as A-labels (xn--…)");
}
