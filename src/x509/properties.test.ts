import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthority, purposes } from "../../test/authority.ts";
import {
  bitString,
  boolean,
  element,
  generalizedTime,
  integer,
  octets,
  oid,
  sequence,
  utcTime,
} from "../../test/der-writer.ts";
import {
  anyBytes,
  changed,
  isRefusal,
  readOrRefused,
  testCodec,
  testTotal,
} from "../../test/properties.ts";
import { verify } from "../../test/verify-path.ts";
import { type Bytes, concat } from "../crypto/bytes.ts";
import { parseAnchor } from "./anchor.ts";
import { parseCertificate } from "./certificate.ts";
import { parseNameConstraints } from "./constraints/parse.ts";
import { type DerReader, readDer, tag } from "./der.ts";
import { describeName } from "./describe-name.ts";
import { serverNameFrom } from "./names.ts";
import { certificatesFromPem } from "./pem.ts";
import { parsePublicKey } from "./public-key.ts";
import { parseSignatureAlgorithm } from "./signature.ts";

const read =
  <T>(readOne: (reader: DerReader) => T) =>
  (der: Bytes) =>
    readDer(der, "a test", readOne);

const arc = fc.integer({ min: 0, max: 2 ** 31 });
const dotted = fc
  .tuple(fc.constantFrom("1.2", "2.5", "0.9", "1.39", "2.47"), fc.array(arc, { maxLength: 8 }))
  .map(([root, rest]) => [root, ...rest].join("."));

const root = await createAuthority();
const middle = await root.intermediate({ pathLength: 0 });
const issued = await Promise.all([
  middle.issue({ names: ["a.example", "*.b.example", "192.0.2.1", "2001:db8::1"] }),
  middle.issue({ names: ["a.example"], keyType: "ed25519", extendedKeyUsage: [purposes.any] }),
  root.issue({ names: ["a.example"], keyType: "rsa-2048" }),
  root.issue({ names: ["a.example"], keyType: "rsa-pss-2048" }),
]);

describe("DER", () => {
  testCodec("OCTET STRING", {
    value: anyBytes(0, 70_000).filter((bytes) => bytes.length < 0xfff0),
    encode: (bytes) => octets(bytes),
    decode: read((r) => r.content(tag.octetString)),
  });
  testCodec("BOOLEAN", { value: fc.boolean(), encode: boolean, decode: read((r) => r.boolean()) });
  testCodec("INTEGER", {
    value: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    encode: (value) => {
      const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
      const first = bytes.findIndex((byte) => byte !== 0);
      const digits = first < 0 ? [0] : bytes.slice(first);
      return integer(...((digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits));
    },
    decode: read((r) => r.smallUnsigned()),
  });
  testCodec("BIT STRING", {
    value: anyBytes(),
    encode: (bytes) => bitString(bytes),
    decode: read((r) => r.bitStringOfBytes()),
  });
  testCodec("OBJECT IDENTIFIER", { value: dotted, encode: oid, decode: read((r) => r.oid()) });
  testCodec("SEQUENCE OF", {
    value: fc.array(anyBytes(), { minLength: 1, maxLength: 6 }),
    encode: (items) => sequence(...items.map((item) => octets(item))),
    decode: read((r) => r.list((item) => item.content(tag.octetString))),
  });

  const second = (min: string, max: string) =>
    fc
      .date({ min: new Date(min), max: new Date(max), noInvalidDate: true })
      .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
  const digits = (date: Date) => `${date.toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`;
  testCodec("UTCTime", {
    value: second("1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z"),
    encode: (date) => utcTime(digits(date).slice(2)),
    decode: read((r) => r.time()),
  });
  testCodec("GeneralizedTime", {
    value: second("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    encode: (date) => generalizedTime(digits(date)),
    decode: read((r) => r.time()),
  });
  testTotal(
    "a time",
    read((r) => r.time()),
    fc.string().map((text) => utcTime(text)),
  );

  // Whatever is accepted has but one encoding (X.690 §10, §11): that is what makes it DER.
  test("what is read as an OBJECT IDENTIFIER is written the same", () => {
    fc.assert(
      fc.property(anyBytes(1, 8), (content) => {
        const der = element(tag.oid, content);
        let value: string | undefined;
        readOrRefused(() => {
          value = read((r) => r.oid())(der);
        });
        // The writer counts in doubles.
        const isExact = value?.split(".").every((arc) => Number(arc) <= Number.MAX_SAFE_INTEGER);
        if (value !== undefined && isExact) expect(oid(value)).toEqual(der);
      }),
    );
  });
});

describe("PEM", () => {
  const lines = (bytes: Bytes) => Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n");
  const block = (bytes: Bytes) =>
    `-----BEGIN CERTIFICATE-----\n${lines(bytes)}\n-----END CERTIFICATE-----\n`;
  const blocks = fc.array(anyBytes(1, 300), { minLength: 1, maxLength: 4 });
  const asBytes = (text: string) => new TextEncoder().encode(text);

  testCodec("certificates", {
    value: fc.tuple(blocks, fc.constantFrom("", "text in front\n", "\r\n")),
    encode: ([certificates, between]) => asBytes(between + certificates.map(block).join(between)),
    decode: (bytes) => certificatesFromPem(new TextDecoder().decode(bytes)),
    expected: ([certificates]) => certificates,
  });
});

describe("certificates", () => {
  const certificate = fc.constantFrom(
    root.certificate,
    middle.certificate,
    ...issued.map((leaf) => leaf.certificate),
  );
  const part = <T>(choose: (read: ReturnType<typeof parseCertificate>) => T) =>
    certificate.map((der) => choose(parseCertificate(der)));

  testTotal("certificate", parseCertificate, certificate);
  testTotal("anchor", parseAnchor, certificate);
  testTotal(
    "public key",
    parsePublicKey,
    part(({ subjectPublicKeyInfo }) => subjectPublicKeyInfo),
  );
  testTotal(
    "signature algorithm",
    parseSignatureAlgorithm,
    part(({ signatureAlgorithm }) => signatureAlgorithm),
  );
  const subtree = fc
    .tuple(fc.constantFrom(0x81, 0x82, 0x86, 0x87), anyBytes(0, 10))
    .map(([form, name]) => sequence(element(form, name)));
  testTotal(
    "name constraints",
    parseNameConstraints,
    fc
      .tuple(subtree, subtree)
      .map(([permitted, excluded]) => sequence(element(0xa0, permitted), element(0xa1, excluded))),
  );

  test("any name is described", () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes(), changed(part(({ subject }) => subject))), (name) => {
        expect(describeName(name)).toMatch(/^[("]/);
      }),
    );
  });

  test("a chain of which one certificate was changed is trusted only if its meaning is the same", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...issued),
        fc.nat(),
        changed(certificate),
        async (leaf, seed, bad) => {
          const at = seed % leaf.chain.length;
          const chain = leaf.chain.map((der, index) => (index === at ? bad : der));
          try {
            await verify({ chain, roots: [root] });
          } catch (error) {
            if (!isRefusal(error)) throw error;
            return;
          }
          // What was accepted as the leaf is one that was issued, to the byte.
          const accepted = concat(...chain.slice(0, 1));
          expect(issued.map((one) => one.certificate)).toContainEqual(accepted);
        },
      ),
      { numRuns: 200 },
    ));
});

describe("server names", () => {
  test("any text is a name or refused as an option", () => {
    const text = fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6(), fc.webAuthority());
    fc.assert(
      fc.property(text, (name) => {
        try {
          serverNameFrom(name);
        } catch (error) {
          expect(error).toMatchObject({ code: "configuration/invalid-option" });
        }
      }),
    );
  });
});
