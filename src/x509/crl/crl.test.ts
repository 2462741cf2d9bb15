import { describe, expect, it } from "vitest";
import { createAuthority } from "../../../test/authority.ts";
import {
  type CrlPieces,
  crlNumber,
  crlOf,
  issuingDistributionPoint,
  pointNames,
  reasonCode,
  revokedEntry,
} from "../../../test/crls.ts";
import {
  boolean,
  element,
  extension,
  generalizedTime,
  integer,
  nothing,
  oid,
  sequence,
  text,
  utcTime,
} from "../../../test/der-writer.ts";
import { failureOf } from "../../../test/failure.ts";
import { parseCertificate } from "../certificate.ts";
import { parseCrl } from "./crl.ts";

const root = await createAuthority();
const flag = (number: number) => element(0x80 | number, Uint8Array.of(0xff));
const date = new Date("2026-01-02T03:04:05Z");
const serial = (...bytes: number[]) => Uint8Array.from(bytes);

describe("a CRL", () => {
  it("is read into its fields, by reference", () => {
    const thisUpdate = utcTime("260102030405Z");
    const nextUpdate = generalizedTime("20510102030405Z");
    const der = crlOf(root, { thisUpdate, nextUpdate });
    const crl = parseCrl(der);
    expect(crl).toMatchObject({
      issuer: parseCertificate(root.certificate).subject,
      thisUpdate: date,
      nextUpdate: new Date("2051-01-02T03:04:05Z"),
      signatureAlgorithm: { kind: "ecdsa", hash: "SHA-256" },
      scope: {},
    });
    expect(crl.signed.buffer).toBe(der.buffer);
    expect(crl.revoked.get(serial(1))).toBeUndefined();
  });

  it("finds what is revoked by serial number, with date and reason", () => {
    const long = new Uint8Array(20).fill(0x7f);
    const invalidityDate = extension("2.5.29.24", true, generalizedTime("20251231000000Z"));
    const unknown = extension("1.2.3", false, nothing());
    const { revoked } = parseCrl(
      crlOf(root, {
        revoked: [
          revokedEntry(serial(1), date),
          revokedEntry(serial(0x80), date, reasonCode(0)),
          revokedEntry(long, date, reasonCode(1), invalidityDate, unknown),
          revokedEntry(serial(0), date, reasonCode(10)),
        ],
      }),
    );
    expect(revoked.get(serial(1))).toEqual({ date });
    expect(revoked.get(serial(0x80))).toEqual({ date, reason: "unspecified" });
    expect(revoked.get(long)).toEqual({ date, reason: "keyCompromise" });
    expect(revoked.get(serial(0))).toEqual({ date, reason: "aACompromise" });
    // -128 and 128 are two numbers.
    expect(revoked.get(serial(0, 0x80))).toBeUndefined();
    expect(revoked.get(long.subarray(1))).toBeUndefined();
  });

  it("may have a list without entries", () => {
    expect(parseCrl(crlOf(root, { revoked: [] })).revoked.get(serial(1))).toBeUndefined();
  });

  it("may have extensions that are not known, if they are not critical", () => {
    const extensions = [crlNumber(), extension("2.5.29.35", false, sequence())];
    expect(parseCrl(crlOf(root, { extensions }))).toHaveProperty("issuer");
  });

  it("says what it is about", () => {
    const scope = (...members: Uint8Array[]) =>
      parseCrl(crlOf(root, { extensions: [crlNumber(), issuingDistributionPoint(...members)] }))
        .scope;
    expect(scope(flag(1))).toEqual({ only: "users" });
    expect(scope(flag(2))).toEqual({ only: "authorities" });
    const uri = text(0x86, "http://a.example/1.crl");
    expect(scope(pointNames(uri), flag(1))).toEqual({
      names: [{ form: "uri", text: "http://a.example/1.crl" }],
      only: "users",
    });
    // What is relative to the issuer's name matches nothing.
    const attribute = sequence(oid("2.5.4.3"), text(0x0c, "one"));
    expect(scope(element(0xa0, element(0xa1, attribute)))).toEqual({ names: [] });
  });
});

describe("a CRL is refused", () => {
  const point = (...members: Uint8Array[]): CrlPieces => ({
    extensions: [crlNumber(), issuingDistributionPoint(...members)],
  });
  const entry = (...extensions: Uint8Array[]): CrlPieces => ({
    revoked: [revokedEntry(serial(1), date), revokedEntry(serial(2), date, ...extensions)],
  });
  const unknown = extension("1.2.3", true, nothing());
  const ed25519 = sequence(oid("1.3.101.112"));
  const sha1 = sequence(oid("1.2.840.10045.4.1"));

  it.each<[string, CrlPieces, RegExp]>([
    ["of version 1", { version: serial(), extensions: [] }, /version 1/],
    ["of version 3", { version: integer(2) }, /version/],
    ["with two algorithms", { outerAlgorithm: ed25519 }, /two signature algorithms/],
    ["signed with SHA-1", { innerAlgorithm: sha1, outerAlgorithm: sha1 }, /not signed with/],
    ["without nextUpdate", { nextUpdate: serial() }, /nextUpdate/],
    ["without extensions", { extensions: [] }, /cRLNumber/],
    ["without cRLNumber", { extensions: [extension("1.2.3", false, nothing())] }, /cRLNumber/],
    ["whose cRLNumber is critical", { extensions: [crlNumber(1, true)] }, /critical/],
    [
      "whose cRLNumber is negative",
      { extensions: [extension("2.5.29.20", false, integer(0x80))] },
      /negative/,
    ],
    [
      "whose cRLNumber is too long",
      { extensions: [extension("2.5.29.20", false, element(2, new Uint8Array(21).fill(1)))] },
      /20 bytes/,
    ],
    ["with an extension twice", { extensions: [crlNumber(), crlNumber()] }, /twice/],
    ["with a critical extension", { extensions: [crlNumber(), unknown] }, /1\.2\.3/],
    [
      "that is a delta",
      { extensions: [crlNumber(), extension("2.5.29.27", true, integer(1))] },
      /delta/,
    ],
    ["with more behind its extensions", { afterExtensions: nothing() }, /after its end/],
    ["with more behind its signature", { after: nothing() }, /after its end/],
    ["with a time that is none", { nextUpdate: utcTime("260230000000Z") }, /time/],
    ["whose point is empty", point(), /empty/],
    ["about some reasons only", point(element(0x83, serial(1, 0x40))), /onlySomeReasons/],
    ["that is indirect", point(flag(4)), /indirect/],
    ["about attribute certificates", point(flag(5)), /attribute/],
    ["for users and authorities only", point(flag(1), flag(2)), /two kinds/],
    ["whose point writes a default", point(element(0x81, serial(0))), /default/],
    ["whose point has more", point(flag(1), nothing()), /after its end/],
    ["whose entry has a critical extension", entry(unknown), /1\.2\.3/],
    ["whose entry names an issuer", entry(extension("2.5.29.29", true, sequence())), /indirect/],
    ["whose entry takes back", entry(reasonCode(8)), /removeFromCRL/],
    ["whose entry has reason 7", entry(reasonCode(7)), /reason 7/],
    ["whose entry has reason 11", entry(reasonCode(11)), /reason 11/],
    ["whose entry has the same reason twice", entry(reasonCode(1), reasonCode(1)), /twice/],
    ["whose entry has no time", { revoked: [sequence(integer(1))] }, /tag/],
    ["whose entry has no number", { revoked: [sequence()] }, /tag/],
    ["whose entry is none", { revoked: [boolean(true)] }, /tag/],
    [
      "whose entry has more",
      {
        revoked: [
          sequence(integer(1), utcTime("260101000000Z"), sequence(reasonCode(1)), nothing()),
        ],
      },
      /after its end/,
    ],
    [
      "whose serial number is too long",
      { revoked: [revokedEntry(new Uint8Array(21).fill(1))] },
      /20/,
    ],
  ])("%s", async (_, pieces, message) => {
    const error = await failureOf(() => parseCrl(crlOf(root, pieces), "the CRL of a test"));
    expect(error.code).toBe("certificate/bad-crl");
    expect(error.message).toContain("the CRL of a test");
    expect(error.message).toMatch(message);
  });

  it("where it is cut off anywhere", async () => {
    const der = crlOf(root, entry(reasonCode(1)));
    for (let length = 0; length < der.length; length += 1) {
      const { code } = await failureOf(() => parseCrl(der.subarray(0, length)));
      expect(code).toBe("certificate/bad-crl");
    }
  });

  it("above 16 MiB, before it is looked at", async () => {
    const error = await failureOf(() => parseCrl(new Uint8Array(0x1000000)));
    expect(error).toMatchObject({ code: "certificate/bad-crl" });
    expect(error.message).toContain("16777215");
  });
});

describe("a CRL of many", () => {
  it("finds each one", () => {
    const serialOf = (n: number) => serial(0x40, n >> 16, (n >> 8) & 0xff, n & 0xff);
    const count = 100_000;
    const revoked = Array.from({ length: count }, (_, n) =>
      revokedEntry(serialOf(2 * n), date, reasonCode(1 + (n % 5))),
    );
    const crl = parseCrl(crlOf(root, { revoked: [Uint8Array.from(Buffer.concat(revoked))] }));
    const found = Array.from({ length: 2 * count }, (_, n) => crl.revoked.get(serialOf(n)));
    expect(found.filter((one) => one !== undefined)).toHaveLength(count);
    expect(found.slice(0, 3)).toEqual([
      { date, reason: "keyCompromise" },
      undefined,
      { date, reason: "cACompromise" },
    ]);
  });
});
