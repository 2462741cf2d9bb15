import { describe, expect, it } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import {
  bitString,
  boolean,
  certificateOf,
  commonName,
  element,
  extension,
  generalizedTime,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  text,
  utcTime,
} from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import { concat } from "../crypto/bytes.ts";
import { parseCertificate } from "./certificate.ts";

async function expectMalformed(der: Uint8Array<ArrayBuffer>) {
  expect(await failureOf(() => parseCertificate(der))).toMatchObject({
    code: "certificate/malformed",
  });
}

const basicConstraints = "2.5.29.19";
const keyUsage = "2.5.29.15";
const subjectAltName = "2.5.29.17";
const extendedKeyUsage = "2.5.29.37";

describe("a certificate", () => {
  it("is read into its fields, by reference", async () => {
    const root = await createAuthority({ commonName: "the root" });
    const notBefore = new Date("2026-01-02T03:04:05Z");
    const notAfter = new Date("2051-01-02T03:04:05Z");
    const names = ["a.example", "192.0.2.1"];
    const { certificate } = await root.issue({ names, notBefore, notAfter });
    const parsed = parseCertificate(certificate);
    expect(parsed).toMatchObject({
      version: 3,
      notBefore,
      notAfter,
      issuer: parseCertificate(root.certificate).subject,
      basicConstraints: { ca: false },
      keyUsage: { digitalSignature: true, keyCertSign: false, cRLSign: false },
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
      subjectAltName: [
        { form: "dns", text: "a.example" },
        { form: "ip", bytes: Uint8Array.of(192, 0, 2, 1) },
      ],
      unknownCritical: [],
    });
    expect(parsed.signed.buffer).toBe(certificate.buffer);
  });

  it("of an authority says so, with its path length", async () => {
    const root = await createAuthority({ pathLength: 2 });
    expect(parseCertificate(root.certificate)).toMatchObject({
      basicConstraints: { ca: true, pathLength: 2 },
      keyUsage: { digitalSignature: false, keyCertSign: true, cRLSign: true },
    });
  });

  it("of version 1 has no extensions", () => {
    expect(parseCertificate(certificateOf({ version: new Uint8Array() }))).toMatchObject({
      version: 1,
      unknownCritical: [],
    });
  });

  it("notes critical extensions that are unknown, and passes over others", () => {
    const der = certificateOf({
      extensions: [
        extension("1.2.3.4", true, nothing()),
        extension("1.2.3.5", false, new Uint8Array([1, 2, 3])),
        extension("2.5.29.14", false, octets(new Uint8Array(20))),
      ],
    });
    expect(parseCertificate(der).unknownCritical).toEqual(["1.2.3.4"]);
  });

  it("may have unique identifiers, a serial number of 20 bytes, of zero, or below zero", () => {
    const uniqueIds = concat(
      element(0x81, Uint8Array.of(0, 1)),
      element(0x82, Uint8Array.of(0, 1)),
    );
    expect(parseCertificate(certificateOf({ uniqueIds })).version).toBe(3);
    for (const serial of [new Array(20).fill(1), [0], [0xff], [0, 0x80]]) {
      expect(parseCertificate(certificateOf({ serial: integer(...serial) })).serialNumber).toEqual(
        Uint8Array.from(serial),
      );
    }
  });
});

describe("a certificate is refused with", () => {
  const time = utcTime("250101000000Z");
  it.each([
    [
      "a unique identifier that is no BIT STRING",
      certificateOf({ uniqueIds: element(0x82, Uint8Array.of(9, 1)) }),
    ],
    ["version 2", certificateOf({ version: element(0xa0, integer(1)) })],
    ["version 4", certificateOf({ version: element(0xa0, integer(3)) })],
    ["version 1 written out", certificateOf({ version: element(0xa0, integer(0)) })],
    ["a serial number of 21 bytes", certificateOf({ serial: integer(...new Array(21).fill(1)) })],
    ["a padded serial number", certificateOf({ serial: integer(0, 1) })],
    ["two algorithms", certificateOf({ innerAlgorithm: sequence(oid("1.2.840.10045.4.3.3")) })],
    [
      "two ways to write its algorithm",
      certificateOf({ innerAlgorithm: sequence(oid("1.2.840.10045.4.3.2"), nothing()) }),
    ],
    ["an issuer without a name", certificateOf({ issuer: sequence() })],
    ["one time", certificateOf({ validity: sequence(time) })],
    ["three times", certificateOf({ validity: sequence(time, time, time) })],
    ["a time in another form", certificateOf({ validity: sequence(time, text(0x13, "2050")) })],
    ["a wrong time", certificateOf({ validity: sequence(time, generalizedTime("20500101Z")) })],
    ["a subject that is a SET", certificateOf({ subject: element(0x31, commonName("x")) })],
    [
      "unused bits in its signature",
      certificateOf({ signature: element(0x03, new Uint8Array([1, 2])) }),
    ],
    ["bytes after what is signed", certificateOf({ afterExtensions: nothing() })],
    ["bytes within after its signature", certificateOf({ after: nothing() })],
    ["bytes after it", concat(certificateOf(), nothing())],
    ["an end too soon", certificateOf().subarray(0, -1)],
    ["no extensions where they are announced", certificateOf({ extensions: [] })],
    [
      "extensions in version 1",
      certificateOf({
        version: new Uint8Array(),
        extensions: [extension("1.2.3", false, nothing())],
      }),
    ],
    [
      "an extension twice",
      certificateOf({
        extensions: [extension("1.2.3", false, nothing()), extension("1.2.3", false, nothing())],
      }),
    ],
    [
      "critical FALSE written out",
      certificateOf({ extensions: [sequence(oid("1.2.3"), boolean(false), octets())] }),
    ],
    [
      "an extension without a value",
      certificateOf({ extensions: [sequence(oid("1.2.3"), boolean(true))] }),
    ],
    [
      "an extension with two values",
      certificateOf({ extensions: [sequence(oid("1.2.3"), octets(), octets())] }),
    ],
  ])("%s", (_, der) => expectMalformed(der));
});

describe("extensions", () => {
  const withExtension = (id: string, value: Uint8Array) =>
    certificateOf({ extensions: [extension(id, true, value)] });

  it("basicConstraints may write out FALSE, as many certificates do", () => {
    expect(
      parseCertificate(withExtension(basicConstraints, sequence(boolean(false)))),
    ).toMatchObject({ basicConstraints: { ca: false } });
  });

  it("keyUsage may have zero bits at its end", () => {
    const usage = element(0x03, Uint8Array.of(0, 0x80));
    expect(parseCertificate(withExtension(keyUsage, usage)).keyUsage?.digitalSignature).toBe(true);
  });

  it("subjectAltName may hold every form of name", () => {
    const names = sequence(
      element(0xa0, oid("1.2.3"), element(0xa0, nothing())),
      text(0x81, "someone@a.example"),
      text(0x82, "*.a.example"),
      element(0xa3, nothing()),
      element(0xa4, commonName("someone")),
      element(0xa5, nothing()),
      text(0x86, "https://a.example/"),
      element(0x87, new Uint8Array(16)),
      element(0x88, Uint8Array.of(0x2a, 0x03)),
    );
    const forms = parseCertificate(withExtension(subjectAltName, names)).subjectAltName;
    expect(forms?.map(({ form }) => form)).toEqual([
      "other",
      "email",
      "dns",
      "x400",
      "directory",
      "ediParty",
      "uri",
      "ip",
      "registeredId",
    ]);
  });

  it("certificatePolicies are understood, though they change nothing", () => {
    const text = sequence(oid("1.3.6.1.5.5.7.2.1"), element(0x16, Uint8Array.of(0x61)));
    const policies = sequence(
      sequence(oid("2.5.29.32.0")),
      sequence(oid("1.2.3"), sequence(text, sequence(oid("1.3.6.1.5.5.7.2.2"), sequence()))),
    );
    expect(parseCertificate(withExtension("2.5.29.32", policies)).unknownCritical).toEqual([]);
  });

  it("tlsFeatures name TLS extensions (RFC 7633 §4.1)", () => {
    const features = sequence(integer(5), integer(17));
    expect(parseCertificate(withExtension("1.3.6.1.5.5.7.1.24", features))).toMatchObject({
      tlsFeatures: [5, 17],
      unknownCritical: [],
    });
  });

  it.each([
    ["policyMappings", "2.5.29.33"],
    ["policyConstraints", "2.5.29.36"],
    ["inhibitAnyPolicy", "2.5.29.54"],
    ["cRLDistributionPoints", "2.5.29.31"],
  ])("%s is not understood where it is critical", (_, id) => {
    expect(parseCertificate(withExtension(id, nothing())).unknownCritical).toEqual([id]);
  });

  it.each([
    ["basicConstraints that is no SEQUENCE", basicConstraints, boolean(true)],
    [
      "basicConstraints with a negative length",
      basicConstraints,
      sequence(boolean(true), integer(0xff)),
    ],
    [
      "basicConstraints with more",
      basicConstraints,
      sequence(boolean(true), integer(1), nothing()),
    ],
    ["basicConstraints with bytes after it", basicConstraints, concat(sequence(), nothing())],
    ["a key usage without usages", keyUsage, element(0x03, Uint8Array.of(7, 0))],
    ["an empty key usage", keyUsage, element(0x03, Uint8Array.of(0))],
    ["no purposes", extendedKeyUsage, sequence()],
    ["a purpose that is no identifier", extendedKeyUsage, sequence(integer(1))],
    ["no names", subjectAltName, sequence()],
    ["a name of an unknown form", subjectAltName, sequence(element(0x89, Uint8Array.of(1)))],
    ["an address of 5 bytes", subjectAltName, sequence(element(0x87, new Uint8Array(5)))],
    ["an empty DNS name", subjectAltName, sequence(text(0x82, ""))],
    ["a DNS name of a space (RFC 5280 §4.2.1.6)", subjectAltName, sequence(text(0x82, " "))],
    ["a DNS name that is not ASCII", subjectAltName, sequence(text(0x82, "bücher.example"))],
    ["a directory name that is none", subjectAltName, sequence(element(0xa4, nothing()))],
    ["a TLS feature that is no number", "1.3.6.1.5.5.7.1.24", sequence(oid("1.2.3"))],
    ["no policies", "2.5.29.32", sequence()],
    [
      "a critical policy with a qualifier that is not known",
      "2.5.29.32",
      sequence(sequence(oid("1.2.3"), sequence(sequence(oid("1.2.3.4"), nothing())))),
    ],
    ["name constraints that are no SEQUENCE", "2.5.29.30", bitString()],
  ])("%s is refused", (_, id, value) => expectMalformed(withExtension(id, value)));
});
