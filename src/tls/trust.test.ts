import { describe, expect, test } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import { failureOf } from "../../test/failure.ts";
import { mozillaRoots } from "../roots/index.ts";
import { readTrust } from "./trust.ts";

const [one, other] = await Promise.all([createAuthority(), createAuthority()]);

describe("readTrust", () => {
  test("is the bundle by default, always the same list", async () => {
    expect(await readTrust({})).toBe(mozillaRoots());
    expect(await readTrust({ roots: "mozilla" })).toBe(mozillaRoots());
  });

  test("takes PEM with several certificates, DER, and both beside the bundle", async () => {
    expect(await readTrust({ roots: one.pem + other.pem })).toHaveLength(2);
    expect(await readTrust({ roots: one.certificate })).toHaveLength(1);
    const all = await readTrust({ roots: ["mozilla", one.pem, other.certificate] });
    expect(all).toHaveLength(mozillaRoots().length + 2);
  });

  test("keeps nothing of the caller's buffers", async () => {
    const der = one.certificate.slice();
    const [anchor] = await readTrust({ roots: der });
    const before = anchor?.subject.slice();
    der.fill(0);
    expect(anchor?.subject).toEqual(before);
  });

  test("refuses what is no certificate, and an empty list", async () => {
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    expect((await failureOf(() => readTrust({ roots: broken }))).code).toBe(
      "certificate/malformed",
    );
    expect((await failureOf(() => readTrust({ roots: [] }))).code).toBe(
      "configuration/invalid-option",
    );
  });
});
