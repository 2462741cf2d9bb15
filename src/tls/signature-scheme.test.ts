import { expect, test } from "vitest";
import { signatureScheme, signatureSchemes } from "./signature-scheme.ts";

// A session is resumed only where its scheme is among those wanted, which are found by name.
test("a scheme found by its name is the one of the list", () => {
  for (const scheme of signatureSchemes) expect(signatureScheme(scheme.name)).toBe(scheme);
});
