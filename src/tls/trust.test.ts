import { describe, expect, test } from "vitest";
import { createAuthority } from "../../test/authority.ts";
import { failureOf } from "../../test/failure.ts";
import { mozillaRoots } from "../roots/index.ts";
import { nobody, readTrust } from "./trust.ts";
import type { TrustOptions } from "./trust-options.ts";

const [one, other] = await Promise.all([createAuthority(), createAuthority()]);

describe("readTrust", () => {
  test("is the bundle by default, always the same list", async () => {
    expect((await readTrust({})).anchors).toBe(mozillaRoots());
    expect((await readTrust({ roots: "mozilla" })).anchors).toBe(mozillaRoots());
  });

  test("takes PEM with several certificates, DER, and both beside the bundle", async () => {
    const anchors = async (roots: NonNullable<TrustOptions["roots"]>) =>
      (await readTrust({ roots })).anchors;
    expect(await anchors(one.pem + other.pem)).toHaveLength(2);
    expect(await anchors(one.certificate)).toHaveLength(1);
    const all = await anchors(["mozilla", one.pem, other.certificate]);
    expect(all).toHaveLength(mozillaRoots().length + 2);
  });

  test("keeps nothing of the caller's buffers", async () => {
    const der = one.certificate.slice();
    const [anchor] = (await readTrust({ roots: der })).anchors;
    const before = anchor?.subject.slice();
    der.fill(0);
    expect(anchor?.subject).toEqual(before);
  });

  test("takes keys in PEM and DER, and no roots unless they are given too", async () => {
    const { publicKey } = one.keys;
    const der = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(await readTrust({ publicKeys: [der, pem] })).toEqual({
      ...nobody,
      publicKeys: [der, der],
    });
    const both = await readTrust({ publicKeys: [der], roots: one.certificate });
    expect(both.anchors).toHaveLength(1);
    expect(both.publicKeys).toHaveLength(1);
  });

  test("takes exact certificates, and no roots unless they are given too", async () => {
    const der = one.certificate;
    const exactCertificates = [one.pem + other.pem, der];
    expect(await readTrust({ exactCertificates })).toEqual({
      ...nobody,
      exactCertificates: [der, other.certificate, der],
    });
    const both = await readTrust({ exactCertificates: [der], roots: "mozilla" });
    expect(both.anchors).toBe(mozillaRoots());
  });

  test("leaves out intermediates that can't be read, unless none can", async () => {
    const trust = await readTrust({ intermediates: [Uint8Array.of(1, 2), one.certificate] });
    expect(trust.intermediates.map(({ der }) => der)).toEqual([one.certificate]);
  });

  test("takes pins and intermediates beside roots, the bundle by default", async () => {
    const pins = [`sha256/${"A".repeat(43)}=`];
    const trust = await readTrust({ pins, intermediates: [one.pem + other.pem, one.certificate] });
    expect(trust.anchors).toBe(mozillaRoots());
    expect(trust.pins).toEqual(pins);
    expect(trust.intermediates.map(({ der }) => der)).toEqual([
      one.certificate,
      other.certificate,
      one.certificate,
    ]);
  });

  test("refuses certificates that can't be read or used", async () => {
    const weak = await one.issue({ names: ["a.example"], keyType: "rsa-1024" });
    for (const [options, code] of [
      [{ exactCertificates: [Uint8Array.of(1, 2)] }, "certificate/malformed"],
      [{ exactCertificates: [weak.certificate] }, "certificate/weak-key"],
      [{ intermediates: Uint8Array.of(1, 2) }, "certificate/malformed"],
    ] as const) {
      expect((await failureOf(() => readTrust(options))).code).toBe(code);
    }
  });

  test("refuses keys that can't be used", async () => {
    const pem = one.keys.publicKey.export({ type: "spki", format: "pem" }).toString();
    for (const wrong of [Uint8Array.of(1, 2), one.certificate, pem + pem]) {
      const { code } = await failureOf(() => readTrust({ publicKeys: [wrong] }));
      expect(code).toBe("certificate/malformed");
    }
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
