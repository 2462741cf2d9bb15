import { describe, expect, test } from "vitest";
import { checkTrustOptions, type TrustOptions, trustOptionsOf } from "./trust-options.ts";

const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
const key = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----";
const pin = `sha256/${"A".repeat(43)}=`;
const der = new Uint8Array(3);

describe("options of trust", () => {
  const good: TrustOptions[] = [
    {},
    { roots: "mozilla" },
    { roots: pem },
    { roots: der },
    { roots: ["mozilla", pem] },
    { publicKeys: [key, der] },
    { exactCertificates: [pem, der] },
    { exactCertificates: [der], publicKeys: [der], roots: pem },
    { pins: [pin] },
    { pins: [pin, `sha256/${"/".repeat(42)}8=`], exactCertificates: [der], roots: "mozilla" },
    { intermediates: pem },
    { intermediates: der },
    { intermediates: [pem, der], roots: pem },
  ];

  test.each(good)("%j", (options) => {
    checkTrustOptions(options);
  });

  const bad: [keyof TrustOptions, readonly unknown[]][] = [
    ["roots", ["", "none", [], null, [7]]],
    ["publicKeys", ["key", [], null, ["mozilla"], [7], der, [pem]]],
    ["exactCertificates", ["", [], null, ["mozilla"], [7], pem, der, [key]]],
    ["intermediates", ["", [], null, "mozilla", [7], key]],
    [
      "pins",
      [
        pin,
        [],
        null,
        [7],
        [""],
        [pin.slice(7)],
        ["sha1/AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
        // A byte too few, one too many, no padding, other digits, and bits that stand for nothing.
        [`sha256/${"A".repeat(42)}==`],
        [`sha256/${"A".repeat(44)}`],
        [`sha256/${"A".repeat(43)}`],
        [`sha256/${"-".repeat(43)}=`],
        [`sha256/${"A".repeat(42)}B=`],
        [`${pin} `],
        [pin, "sha256/"],
      ],
    ],
  ];

  test.each(bad.flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    "refuses %s that are none: %j",
    (name, value) => {
      expect(() => checkTrustOptions({ [name]: value })).toThrow(
        expect.objectContaining({
          code: "configuration/invalid-option",
          message: expect.stringContaining(`"${name}"`),
        }),
      );
    },
  );

  test.each([
    ["pins", { pins: [pin], publicKeys: [der] }],
    ["pins", { pins: [pin], exactCertificates: [der] }],
    ["intermediates", { intermediates: pem, exactCertificates: [der] }],
  ])("refuses %s without roots to lead to", (name, options) => {
    expect(() => checkTrustOptions(options)).toThrow(`"${name}"`);
    checkTrustOptions({ ...options, roots: "mozilla" });
  });

  test("are copied, whatever the caller's are", () => {
    const bytes = Uint8Array.of(1, 2);
    const copy = trustOptionsOf({
      roots: new Proxy(["mozilla", bytes], {}),
      intermediates: bytes,
      pins: new Proxy([pin], {}),
    });
    bytes.fill(0);
    expect(structuredClone(copy)).toEqual({
      roots: ["mozilla", Uint8Array.of(1, 2)],
      intermediates: Uint8Array.of(1, 2),
      pins: [pin],
    });
  });

  test("that are long are copied but for what is longest", () => {
    const crl = Uint8Array.of(1, 2);
    const revocation = { crls: [crl], dangerousAllowUnknownStatus: false };
    const copy = trustOptionsOf({ revocation });
    revocation.dangerousAllowUnknownStatus = true;
    revocation.crls.pop();
    expect(copy).toEqual({ revocation: { crls: [crl], dangerousAllowUnknownStatus: false } });
  });
});
