import { describe, expect, it } from "vitest";
import { parseNameConstraints } from "../x509/constraints/parse.ts";
import { describeName } from "../x509/describe-name.ts";
import { parsePublicKey } from "../x509/public-key.ts";
import { mozillaRoots, mozillaRootsDate } from "./index.ts";
import { decodeAnchors, encodeAnchors } from "./records.ts";

describe("Mozilla's roots", () => {
  it("are decoded once", () => {
    expect(mozillaRoots()).toBe(mozillaRoots());
    expect(mozillaRoots().length).toBeGreaterThan(100);
    expect(mozillaRootsDate).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it("each have a name, and a key that can be used", () => {
    for (const { subject, subjectPublicKeyInfo, nameConstraints } of mozillaRoots()) {
      expect(describeName(subject)).toMatch(/^"(CN|O|OU|C)=/);
      expect(parsePublicKey(subjectPublicKeyInfo).kind).toMatch(/^(rsa|ec)$/);
      if (nameConstraints !== undefined) parseNameConstraints(nameConstraints);
    }
  });

  it("have those everyone knows", () => {
    const names = mozillaRoots().map(({ subject }) => describeName(subject));
    expect(names).toContain('"CN=ISRG Root X1"');
    expect(names).toContain('"CN=DigiCert Global Root G2"');
  });

  it("keep the dates from which on some are not trusted", () => {
    const dates = mozillaRoots().flatMap(({ distrustAfter }) => distrustAfter ?? []);
    // A list without any would be news; more likely, the script has missed them.
    expect(dates.length).toBeGreaterThan(0);
    for (const date of dates) expect(date.getUTCFullYear()).toBeGreaterThan(2020);
  });
});

describe("records of anchors", () => {
  it("give back what was put in", () => {
    const anchors = [
      { subject: Uint8Array.of(1), subjectPublicKeyInfo: new Uint8Array(300).fill(2) },
      {
        subject: Uint8Array.of(3, 4),
        subjectPublicKeyInfo: Uint8Array.of(5),
        nameConstraints: Uint8Array.of(6, 7, 8),
        distrustAfter: new Date("2026-04-15T23:59:59Z"),
      },
    ];
    expect(decodeAnchors(encodeAnchors(anchors))).toEqual(anchors);
    expect(decodeAnchors(encodeAnchors([]))).toEqual([]);
  });
});
