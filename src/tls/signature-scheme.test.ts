import { expect, test } from "vitest";
import { schemeFits, signatureScheme, signatureSchemes } from "./signature-scheme.ts";

// A session is resumed only where its scheme is among those wanted, which are found by name.
test("a scheme found by its name is the one of the list", () => {
  for (const scheme of signatureSchemes) expect(signatureScheme(scheme.name)).toBe(scheme);
});

test("ML-DSA is for TLS 1.3, and each of its schemes for one parameter set", () => {
  const key = { kind: "ml-dsa", parameters: "ML-DSA-65", key: new Uint8Array(1952) } as const;
  const fitting = (version: "TLSv1.3" | "TLSv1.2") =>
    signatureSchemes.filter((scheme) => schemeFits(scheme, key, version)).map(({ name }) => name);
  expect(fitting("TLSv1.3")).toEqual(["mldsa65"]);
  expect(fitting("TLSv1.2")).toEqual([]);
});
