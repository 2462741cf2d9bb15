import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  certificateOf,
  element,
  extension,
  oid,
  sequence,
  text,
} from "../../../test/der-writer.ts";
import { changed, readOrRefused } from "../../../test/properties.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { parseCertificate } from "../certificate.ts";
import { checkNameConstraints } from "../constraints.ts";
import { comparableRdns, nameKey } from "../name-match.ts";
import { directoryRelation } from "./directory.ts";
import { dnsConstraint, dnsRelation } from "./dns.ts";
import { hostConstraint } from "./host.ts";
import { mailConstraint, mailRelation } from "./mail.ts";
import { parseNameConstraints } from "./parse.ts";
import { uriRelation } from "./uri.ts";

const label = fc.constantFrom("a", "b", "C", "x-1");
const labels = fc.array(label, { minLength: 1, maxLength: 4 });
const domain = labels.map((list) => list.join("."));

describe("DNS names", () => {
  test("lie within a constraint if they end in its labels", () => {
    fc.assert(
      fc.property(labels, labels, (name, constraint) => {
        const tail = name.slice(-constraint.length).join(".").toLowerCase();
        const relation = dnsRelation(name.join("."))(dnsConstraint(constraint.join(".")) ?? "?");
        expect(relation).toBe(tail === constraint.join(".").toLowerCase() ? "inside" : "outside");
      }),
    );
  });

  test("with a wildcard lie as all do that it stands for", () => {
    fc.assert(
      fc.property(domain, domain, (parent, constraint) => {
        const base = dnsConstraint(constraint) ?? "?";
        const each = ["a", "b", "c", "x-1", "another"].map((first) =>
          dnsRelation(`${first}.${parent}`)(base),
        );
        const expected = new Set(each).size > 1 ? "unclear" : each[0];
        expect(dnsRelation(`*.${parent}`)(base)).toBe(expected);
      }),
    );
  });

  test("of any kind lie within all, or are refused", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(dnsRelation(name)("")).not.toBe("outside");
      }),
    );
  });
});

describe("hosts of mail addresses and URIs", () => {
  test("lie as the host does", () => {
    fc.assert(
      fc.property(domain, domain, fc.boolean(), (host, constraint, isBelow) => {
        const text = isBelow ? `.${constraint}` : constraint;
        const [one, other] = [host.toLowerCase(), text.toLowerCase()];
        const expected = (isBelow ? one.endsWith(other) : one === other) ? "inside" : "outside";
        expect(mailRelation(`someone@${host}`)(mailConstraint(text))).toBe(expected);
        expect(uriRelation(`https://${host}:1/x`)(hostConstraint(text))).toBe(expected);
      }),
    );
  });

  test("are read as URL reads them, or not at all", () => {
    const part = fc.constantFrom(
      "a.example",
      "b.example",
      "@",
      ":",
      "/",
      "\\",
      "?",
      "#",
      "%40",
      "1",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const uri = `https://${parts.join("")}`;
        const inside = ["a.example", "b.example"].filter(
          (host) => uriRelation(uri)(hostConstraint(host)) === "inside",
        );
        const url = URL.canParse(uri) ? new URL(uri).hostname : undefined;
        if (inside.length > 0) expect([undefined, ...inside]).toContain(url);
      }),
      { numRuns: 1000 },
    );
  });
});

/** An attribute's text, written in some way that means the same. */
function written(value: string): fc.Arbitrary<Bytes> {
  const cased = fc
    .array(fc.boolean(), { minLength: value.length, maxLength: value.length })
    .map((upper) =>
      [...value].map((c, index) => (upper[index] ? c.toUpperCase() : c.toLowerCase())).join(""),
    );
  const spaced = fc
    .tuple(cased, fc.constantFrom(" ", "   "), fc.constantFrom("", " "), fc.constantFrom("", "  "))
    .map(([text, inner, before, after]) => before + text.replaceAll(" ", inner) + after);
  const form = fc.constantFrom(0x0c, 0x13, 0x14, 0x16, 0x1a, 0x1e);
  return fc
    .tuple(spaced, form)
    .map(([content, tag]) => text(tag, tag === 0x1e ? content.replace(/./g, "\0$&") : content));
}

type Rdn = readonly (readonly [type: string, value: string])[];

const pair = fc.tuple(
  fc.constantFrom("2.5.4.3", "2.5.4.10", "1.2.3"),
  fc.constantFrom("a", "b", "a b", "z a"),
);
const rdn: fc.Arbitrary<Rdn> = fc.array(pair, { minLength: 1, maxLength: 3 });
const rdns = fc.array(rdn, { maxLength: 4 });

function encoded(name: readonly Rdn[]): fc.Arbitrary<Bytes> {
  const sets = name.map((pairs) =>
    fc
      .shuffledSubarray([...pairs], { minLength: pairs.length })
      .chain((order) =>
        fc.tuple(
          ...order.map(([type, value]) => written(value).map((v) => sequence(oid(type), v))),
        ),
      )
      .map((attributes) => element(0x31, ...attributes)),
  );
  return fc.tuple(...sets).map((parts) => sequence(...parts));
}

/** What a name means, for comparison: each RDN's attributes in one order. */
const meaning = (name: readonly Rdn[]) =>
  name.map((pairs) => pairs.map(([type, value]) => `${type}=${value}`).sort());

describe("directory names", () => {
  test("have the same key if they mean the same", () => {
    const names = fc.tuple(rdns, rdns, fc.boolean()).chain(([one, other, same]) => {
      const second = same ? one : other;
      return fc.tuple(fc.constant([one, second] as const), encoded(one), encoded(second));
    });
    fc.assert(
      fc.property(names, ([[one, other], first, second]) => {
        const isSame = JSON.stringify(meaning(one)) === JSON.stringify(meaning(other));
        expect(nameKey(first) === nameKey(second)).toBe(isSame);
      }),
      { numRuns: 300 },
    );
  });

  test("lie within a constraint if they begin as it does", () => {
    const names = fc.tuple(rdns, rdns, fc.boolean()).chain(([base, more, begins]) => {
      const name = begins ? [...base, ...more] : more;
      return fc.tuple(fc.constant([name, base] as const), encoded(name), encoded(base));
    });
    fc.assert(
      fc.property(names, ([[name, base], nameDer, baseDer]) => {
        const start = meaning(name).slice(0, base.length);
        const isInside = JSON.stringify(start) === JSON.stringify(meaning(base));
        expect(directoryRelation(nameDer)(comparableRdns(baseDer))).toBe(
          isInside ? "inside" : "outside",
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("any names and constraints", () => {
  const named = (value: string) =>
    sequence(element(0x31, sequence(oid("2.5.4.3"), text(0x0c, value))));
  const forms = fc.constantFrom(
    text(0x81, "someone@a.example"),
    text(0x81, ".example"),
    text(0x82, "a.example"),
    text(0x82, "*.a.example"),
    element(0xa4, named("a")),
    text(0x86, "https://a.example/"),
    text(0x86, ".example"),
    element(0x87, Uint8Array.of(192, 0, 2, 1)),
    element(0x87, Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0)),
    element(0xa0, oid("1.3.6.1.5.5.7.8.9"), element(0xa0, text(0x0c, "x@a.example"))),
    element(0x88, Uint8Array.of(42)),
  );
  const list = fc.array(forms, { minLength: 1, maxLength: 4 });
  const constraints = fc
    .tuple(list, list)
    .map(([permitted, excluded]) =>
      sequence(
        element(0xa0, ...permitted.map((name) => sequence(name))),
        element(0xa1, ...excluded.map((name) => sequence(name))),
      ),
    );
  const certificate = list.map((names) =>
    certificateOf({ extensions: [extension("2.5.29.17", false, sequence(...names))] }),
  );

  test("give a verdict or a typed error", () => {
    fc.assert(
      fc.property(
        fc.oneof(constraints, changed(constraints)),
        fc.oneof(certificate, changed(certificate)),
        (constraintsDer, certificateDer) => {
          readOrRefused(() => {
            const leaf = parseCertificate(certificateDer);
            checkNameConstraints(parseNameConstraints(constraintsDer), leaf, "it", () => {});
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("give one in bounded time, however long a name is", () => {
    const many = sequence(
      ...Array.from({ length: 3_000 }, (_, index) =>
        element(0x31, sequence(oid("2.5.4.3"), text(0x0c, `${index}`))),
      ),
    );
    // Marks in the wrong order: putting them right takes time that grows with their square.
    const marks = "\u0315\u0300".repeat(15_000);
    const one = sequence(
      element(0x31, sequence(oid("2.5.4.3"), element(0x0c, new TextEncoder().encode(marks)))),
    );
    for (const subject of [many, one]) {
      expect(nameKey(subject)).toBe(nameKey(subject.slice()));
      expect(directoryRelation(subject)(comparableRdns(subject.slice()))).toBe("inside");
    }
  });
});
