import { describe, expect, it } from "vitest";
import { hostConstraint } from "./host.ts";
import { mailConstraint, mailInSubjectRelation, mailRelation } from "./mail.ts";
import type { Relation } from "./relation.ts";
import { uriRelation } from "./uri.ts";

describe("a mail address", () => {
  it.each<[address: string, constraint: string, Relation]>([
    ["someone@a.example", "a.example", "inside"],
    ["someone@A.Example", "a.EXAMPLE", "inside"],
    ["someone@x.a.example", "a.example", "outside"],
    ["someone@ba.example", "a.example", "outside"],
    ["someone@x.a.example", ".a.example", "inside"],
    ["someone@y.x.a.example", ".A.example", "inside"],
    ["someone@a.example", ".a.example", "outside"],
    ["someone@ba.example", ".a.example", "outside"],
    ["someone@a.example", "someone@a.example", "inside"],
    ["someone@A.example", "someone@a.Example", "inside"],
    ["Someone@a.example", "someone@a.example", "outside"],
    ["someone.else@a.example", "someone@a.example", "outside"],
    ["someone@x.a.example", "someone@a.example", "outside"],
    ["*@a.example", "*@a.example", "inside"],
    ["someone@a.example", "*@a.example", "outside"],
    ["a!#$%&'*+-/=?^_`{|}~.b@a.example", "a.example", "inside"],
    // What stands for the same in many ways, or for nothing.
    ['"someone"@a.example', "a.example", "unclear"],
    ["someone@[192.0.2.1]", "a.example", "unclear"],
    ["someone@192.0.2.1", "a.example", "unclear"],
    ["someone@else@a.example", "a.example", "unclear"],
    ["a.example", "a.example", "unclear"],
    ["@a.example", "a.example", "unclear"],
    ["someone@", "a.example", "unclear"],
    ["someone@.a.example", ".a.example", "unclear"],
    ["", "a.example", "unclear"],
    ["someone@a.example", "", "unclear"],
    ["someone@a.example", "@a.example", "unclear"],
    ["someone@a.example", '"someone"@a.example', "unclear"],
    ["someone@a.example", "[192.0.2.1]", "unclear"],
    ["someone@a.example", "..a.example", "unclear"],
  ])("%s lies to %s: %s", (address, constraint, relation) => {
    expect(mailRelation(address)(mailConstraint(constraint))).toBe(relation);
    if (address !== "Someone@a.example") {
      expect(mailInSubjectRelation(address)(mailConstraint(constraint))).toBe(relation);
    }
  });

  it("in a subject is not clear of one in another case", () => {
    const relation = mailInSubjectRelation("Someone@a.example");
    expect(relation(mailConstraint("someone@a.example"))).toBe("unclear");
    expect(relation(mailConstraint("someone@b.example"))).toBe("outside");
    expect(relation(mailConstraint("another@a.example"))).toBe("outside");
  });
});

describe("a URI", () => {
  it.each<[uri: string, constraint: string, Relation]>([
    ["https://a.example", "a.example", "inside"],
    ["https://A.example/x?y#z", "a.EXAMPLE", "inside"],
    ["spiffe://a.example:8443?x", "a.example", "inside"],
    ["https://someone:secret@a.example:/", "a.example", "inside"],
    ["https://x.a.example", "a.example", "outside"],
    ["https://x.a.example", ".a.example", "inside"],
    ["https://a.example", ".a.example", "outside"],
    ["https://b.example/@a.example", "a.example", "outside"],
    ["https://b.example?@a.example", "a.example", "outside"],
    ["https://b.example#@a.example", "a.example", "outside"],
    ["https://a.example@b.example", "a.example", "outside"],
    // No host, or none that is a name (RFC 5280 §4.2.1.10: to be refused), or one read in two ways.
    ["urn:a.example", "a.example", "unclear"],
    ["a.example", "a.example", "unclear"],
    ["//a.example", "a.example", "unclear"],
    ["https:///a.example", "a.example", "unclear"],
    ["https://192.0.2.1/", "a.example", "unclear"],
    ["https://[2001:db8::1]/", "a.example", "unclear"],
    ["https://%61.example", "a.example", "unclear"],
    ["https://b.example\\@a.example", "a.example", "unclear"],
    ["https://x@y@a.example", "a.example", "unclear"],
    ["https://a.example:port/", "a.example", "unclear"],
    ["https://a.example b.example", "a.example", "unclear"],
    ["https://a.example", "https://a.example", "unclear"],
    ["https://a.example", "", "unclear"],
    ["https://a.example", "192.0.2.1", "unclear"],
    ["https://a.example", "*.example", "unclear"],
  ])("%s lies to %s: %s", (uri, constraint, relation) => {
    expect(uriRelation(uri)(hostConstraint(constraint))).toBe(relation);
  });
});
