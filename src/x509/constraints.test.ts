import { describe, expect, it } from "vitest";
import {
  certificateOf,
  element,
  extension,
  integer,
  oid,
  sequence,
  text,
} from "../../test/der-writer.ts";
import { failureOf } from "../../test/failure.ts";
import type { Bytes } from "../crypto/bytes.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { parseNameConstraints } from "./constraints/parse.ts";
import { checkNameConstraints } from "./constraints.ts";

const dns = (name: string) => text(0x82, name);
const ip = (...bytes: number[]) => element(0x87, Uint8Array.from(bytes));
const email = (name: string) => text(0x81, name);

function constraints({ permit = [], exclude = [] }: { permit?: Bytes[]; exclude?: Bytes[] }) {
  const part = (number: number, names: Bytes[]) =>
    names.length === 0 ? [] : [element(number, ...names.map((name) => sequence(name)))];
  return sequence(...part(0xa0, permit), ...part(0xa1, exclude));
}

function certificateFor(...names: Bytes[]): Certificate {
  const extensions = [extension("2.5.29.17", false, sequence(...names))];
  return parseCertificate(
    certificateOf({ subject: sequence(), ...(names.length > 0 ? { extensions } : {}) }),
  );
}

function check(der: Bytes, certificate: Certificate): void {
  checkNameConstraints(parseNameConstraints(der), certificate, "the authority", () => {});
}

const network = [192, 0, 2, 0, 255, 255, 255, 0];

describe("names that are let pass", () => {
  it.each<[string, Bytes, Bytes[]]>([
    ["a permitted name", constraints({ permit: [dns("a.example")] }), [dns("a.example")]],
    ["a name below", constraints({ permit: [dns("a.example")] }), [dns("x.y.a.example")]],
    ["in any case", constraints({ permit: [dns("A.example")] }), [dns("X.a.EXAMPLE")]],
    ["everything", constraints({ permit: [dns("")] }), [dns("a.example"), dns("b.example")]],
    [
      "one of two",
      constraints({ permit: [dns("a.example"), dns("b.example")] }),
      [dns("b.example"), dns("a.example")],
    ],
    ["a wildcard below", constraints({ permit: [dns("a.example")] }), [dns("*.a.example")]],
    ["what is not excluded", constraints({ exclude: [dns("a.example")] }), [dns("ba.example")]],
    [
      "a wildcard beside what is excluded",
      constraints({ exclude: [dns("x.y.a.example")] }),
      [dns("*.a.example")],
    ],
    ["an absolute name", constraints({ permit: [dns("a.example")] }), [dns("x.a.example.")]],
    ["within an absolute name", constraints({ permit: [dns("a.example.")] }), [dns("x.a.example")]],
    ["above what is excluded", constraints({ exclude: [dns("x.a.example")] }), [dns("a.example")]],
    ["an address", constraints({ permit: [ip(...network)] }), [ip(192, 0, 2, 255)]],
    ["another address", constraints({ exclude: [ip(...network)] }), [ip(192, 0, 3, 0)]],
    ["names of other forms", constraints({ permit: [ip(...network)] }), [dns("a.example")]],
    ["no names", constraints({ permit: [dns("a.example")] }), []],
    ["forms that are not used", constraints({ permit: [email("a.example")] }), [dns("b.example")]],
    [
      "an address of the other version than what is excluded",
      constraints({ exclude: [ip(...new Array<number>(32).fill(0))] }),
      [ip(192, 0, 2, 1)],
    ],
  ])("%s", (_, der, names) => {
    expect(() => check(der, certificateFor(...names))).not.toThrow();
  });
});

describe("names that are refused", () => {
  it.each<[string, Bytes, Bytes[]]>([
    ["not permitted", constraints({ permit: [dns("a.example")] }), [dns("b.example")]],
    ["permitted only by its end", constraints({ permit: [dns("a.example")] }), [dns("ba.example")]],
    ["above what is permitted", constraints({ permit: [dns("a.example")] }), [dns("example")]],
    [
      "one of two not permitted",
      constraints({ permit: [dns("a.example")] }),
      [dns("a.example"), dns("b.example")],
    ],
    [
      "a wildcard for more than is permitted",
      constraints({ permit: [dns("x.a.example")] }),
      [dns("*.a.example")],
    ],
    ["excluded", constraints({ exclude: [dns("a.example")] }), [dns("x.a.example")]],
    [
      "excluded within what is permitted",
      constraints({ permit: [dns("a.example")], exclude: [dns("x.a.example")] }),
      [dns("x.a.example")],
    ],
    [
      "a wildcard for what is excluded",
      constraints({ exclude: [dns("x.a.example")] }),
      [dns("*.a.example")],
    ],
    [
      "what is no DNS name, though permitted",
      constraints({ permit: [dns("a.example")] }),
      [dns("x y.a.example")],
    ],
    [
      "what is no DNS name, where others are excluded",
      constraints({ exclude: [dns("b.example")] }),
      [dns("x*.a.example")],
    ],
    ["an address outside", constraints({ permit: [ip(...network)] }), [ip(192, 0, 3, 1)]],
    ["an address inside", constraints({ exclude: [ip(...network)] }), [ip(192, 0, 2, 1)]],
    [
      "an address of the other version than what is permitted",
      constraints({ permit: [ip(...network)] }),
      [ip(...new Array<number>(16).fill(0))],
    ],
    ...([0xa0, 0xa3, 0xa5, 0x88] as const).map((form): [string, Bytes, Bytes[]] => [
      `a form that is constrained and not supported: ${form}`,
      constraints({ exclude: [element(form, oid("1.2.3"))] }),
      [element(form, oid("1.2.4"))],
    ]),
  ])("%s", async (_, der, names) => {
    expect(await failureOf(() => check(der, certificateFor(...names)))).toMatchObject({
      code: "certificate/name-constraint",
    });
  });

  it("count every comparison", () => {
    let count = 0;
    const parsed = parseNameConstraints(
      constraints({ permit: [dns("a.example"), dns("b.example")], exclude: [dns("c.example")] }),
    );
    const certificate = certificateFor(dns("a.example"), dns("b.example"));
    checkNameConstraints(parsed, certificate, "the authority", (comparisons) => {
      count += comparisons;
    });
    expect(count).toBe(6);
  });
});

describe("constraints that are refused", () => {
  it.each([
    ["none at all", sequence()],
    ["an empty list", sequence(element(0xa0))],
    ["in the wrong order", sequence(...[0xa1, 0xa0].map((n) => element(n, sequence(dns("a")))))],
    ["a leading period", constraints({ permit: [dns(".a.example")] })],
    ["two leading periods", constraints({ permit: [dns("..a.example")] })],
    ["a period alone", constraints({ permit: [dns(".")] })],
    ["two periods at the end", constraints({ permit: [dns("a.example..")] })],
    ["a wildcard", constraints({ permit: [dns("*.a.example")] })],
    ["an address without a mask", constraints({ permit: [ip(192, 0, 2, 0)] })],
    ["a mask with a hole", constraints({ permit: [ip(192, 0, 2, 0, 255, 0, 255, 0)] })],
    [
      "a minimum (RFC 5280 §4.2.1.10)",
      sequence(element(0xa0, sequence(dns("a"), element(0x80, Uint8Array.of(1))))),
    ],
    [
      "a directory name that is none",
      constraints({ permit: [element(0xa4, sequence(integer(1)))] }),
    ],
    ["a name of no form", constraints({ permit: [integer(1)] })],
  ])("%s", async (_, der) => {
    expect(await failureOf(() => parseNameConstraints(der))).toMatchObject({
      code: "certificate/malformed",
    });
  });
});
