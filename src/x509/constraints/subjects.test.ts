/** Constraints that are for a certificate's subject, and not for its alternative names only. */

import { describe, expect, it } from "vitest";
import {
  certificateOf,
  element,
  extension,
  oid,
  sequence,
  text,
} from "../../../test/der-writer.ts";
import { codeThrown } from "../../../test/failure.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { parseCertificate } from "../certificate.ts";
import { checkNameConstraints } from "../constraints.ts";
import { parseNameConstraints } from "./parse.ts";

const utf8 = (value: string) => element(0x0c, new TextEncoder().encode(value));
const attribute = (type: string, value: Bytes) => element(0x31, sequence(oid(type), value));
const country = (value: Bytes) => attribute("2.5.4.6", value);
const organization = (value: Bytes) => attribute("2.5.4.10", value);
const emailAddress = (value: Bytes) => attribute("1.2.840.113549.1.9.1", value);

const directory = (...rdns: Bytes[]) => element(0xa4, sequence(...rdns));
const dns = (name: string) => text(0x82, name);
const mail = (name: string) => text(0x81, name);
const permit = (...names: Bytes[]) =>
  sequence(element(0xa0, ...names.map((name) => sequence(name))));
const exclude = (...names: Bytes[]) =>
  sequence(element(0xa1, ...names.map((name) => sequence(name))));

function verdict(constraints: Bytes, subject: Bytes[], alternative: Bytes[] = []) {
  const extensions = [extension("2.5.29.17", false, sequence(...alternative))];
  const certificate = parseCertificate(
    certificateOf({
      subject: sequence(...subject),
      ...(alternative.length > 0 ? { extensions } : {}),
    }),
  );
  const parsed = parseNameConstraints(constraints);
  return codeThrown(() => checkNameConstraints(parsed, certificate, "the authority", () => {}));
}

const refused = "certificate/name-constraint";
const de = country(text(0x13, "DE"));
const org = organization(utf8("Some  Org"));

describe("constraints of directory names", () => {
  it.each<[string, Bytes, Bytes[], Bytes[], string | undefined]>([
    ["permit the name itself", permit(directory(de, org)), [de, org], [], undefined],
    ["permit a name below", permit(directory(de)), [de, org], [], undefined],
    [
      "permit it as it is written otherwise",
      permit(directory(country(utf8(" de")))),
      [de],
      [],
      undefined,
    ],
    ["permit all", permit(directory()), [de], [], undefined],
    ["permit one of two", permit(directory(org), directory(de)), [de], [], undefined],
    ["permit no name above", permit(directory(de, org)), [de], [], refused],
    ["permit no other name", permit(directory(de)), [country(utf8("FR"))], [], refused],
    ["permit no other order", permit(directory(de)), [org, de], [], refused],
    ["exclude the name itself", exclude(directory(de)), [de], [], refused],
    ["exclude a name below", exclude(directory(de)), [de, org], [], refused],
    [
      "exclude it as it is written otherwise",
      exclude(directory(org)),
      [organization(text(0x13, "SOME ORG"))],
      [],
      refused,
    ],
    ["exclude no name above", exclude(directory(de, org)), [de], [], undefined],
    ["exclude all", exclude(directory()), [de], [], refused],
    [
      "exclude nothing where there is no subject",
      exclude(directory()),
      [],
      [dns("a.example")],
      undefined,
    ],
    ["are for alternative names", exclude(directory(de)), [], [directory(de)], refused],
    ["permit alternative names", permit(directory(de)), [], [directory(de, org)], undefined],
    [
      "are for the subject where an alternative name is permitted",
      permit(directory(de)),
      [org],
      [directory(de)],
      refused,
    ],
    // T.61 beyond ASCII means one thing here and another there.
    [
      "do not permit what is unclear",
      permit(directory(organization(utf8("é")))),
      [organization(text(0x14, "\xe9"))],
      [],
      refused,
    ],
    [
      "permit what is unclear to the letter",
      permit(directory(organization(text(0x14, "\xe9")))),
      [organization(text(0x14, "\xe9"))],
      [],
      undefined,
    ],
    [
      "exclude what is unclear",
      exclude(directory(organization(utf8("é")))),
      [organization(text(0x14, "\xe9"))],
      [],
      refused,
    ],
    [
      "exclude what hides in another type",
      exclude(directory(org)),
      [organization(element(0x04, new TextEncoder().encode("Some Org")))],
      [],
      refused,
    ],
    [
      "exclude with an unclear constraint",
      exclude(directory(organization(text(0x14, "\xe9")))),
      [org],
      [],
      refused,
    ],
    [
      "exclude nothing where a clear part differs",
      exclude(directory(de, organization(text(0x14, "\xe9")))),
      [country(utf8("FR")), org],
      [],
      undefined,
    ],
  ])("%s", (_, constraints, subject, alternative, expected) => {
    expect(verdict(constraints, subject, alternative)).toBe(expected);
  });

  it("ask for subjects that can be read", () => {
    const unreadable = element(0x31, text(0x13, "DE"));
    expect(verdict(permit(directory(de)), [unreadable])).toBe("certificate/malformed");
    expect(verdict(permit(dns("a.example")), [unreadable])).toBeUndefined();
  });
});

describe("constraints of mail addresses", () => {
  const address = emailAddress(text(0x16, "someone@a.example"));
  it.each<[string, Bytes, Bytes[], Bytes[], string | undefined]>([
    ["permit the subject's", permit(mail("a.example")), [de, address], [], undefined],
    ["don't permit another subject's", permit(mail("b.example")), [address], [], refused],
    ["exclude the subject's", exclude(mail("a.example")), [de, address], [], refused],
    [
      "are for each",
      permit(mail("a.example")),
      [address, emailAddress(text(0x16, "someone@b.example"))],
      [],
      refused,
    ],
    [
      "are for those in upper case",
      exclude(mail("someone@a.example")),
      [emailAddress(text(0x16, "SOMEONE@a.example"))],
      [],
      refused,
    ],
    [
      "are not for the subject's where there are other names",
      permit(mail("b.example")),
      [address],
      [dns("a.example")],
      undefined,
    ],
    [
      "refuse what is no IA5String",
      permit(mail("a.example")),
      [emailAddress(text(0x1a, "someone@a.example"))],
      [],
      refused,
    ],
    [
      "refuse what is not ASCII",
      exclude(mail("b.example")),
      [emailAddress(utf8("é@a.example"))],
      [],
      refused,
    ],
    ["are not for subjects without", permit(mail("a.example")), [de], [], undefined],
    [
      "are for alternative names",
      permit(mail("a.example")),
      [],
      [mail("someone@b.example")],
      refused,
    ],
    [
      "refuse mailboxes beyond ASCII",
      permit(mail("a.example")),
      [],
      [element(0xa0, oid("1.3.6.1.5.5.7.8.9"), element(0xa0, utf8("é@a.example")))],
      refused,
    ],
    [
      "let other names pass",
      permit(mail("a.example")),
      [],
      [element(0xa0, oid("1.3.6.1.4.1.311.20.2.3"), element(0xa0, utf8("é@a.example")))],
      undefined,
    ],
  ])("%s", (_, constraints, subject, alternative, expected) => {
    expect(verdict(constraints, subject, alternative)).toBe(expected);
  });
});
