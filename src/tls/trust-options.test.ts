import { describe, expect, test } from "vitest";
import { checkTrustOptions, type TrustOptions } from "./trust-options.ts";

describe("options of trust", () => {
  test("the bundle, PEM, DER, and several of them", () => {
    const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
    for (const roots of ["mozilla", pem, new Uint8Array(3), ["mozilla", pem]] as const) {
      checkTrustOptions({ roots });
    }
    checkTrustOptions({});
    const key = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----";
    checkTrustOptions({ publicKeys: [key, new Uint8Array(3)] });
  });

  test.each([["key"], [[]], [null], [["mozilla"]], [[7]], [new Uint8Array(3)]])(
    "refuses public keys that are none: %j",
    (publicKeys) => {
      expect(() => checkTrustOptions({ publicKeys } as TrustOptions)).toThrow(
        expect.objectContaining({
          code: "configuration/invalid-option",
          message: expect.stringContaining('"publicKeys"'),
        }),
      );
    },
  );

  test.each([[""], ["none"], [[]], [null], [[7]]])("refuses roots that are none: %j", (roots) => {
    expect(() => checkTrustOptions({ roots } as TrustOptions)).toThrow(
      expect.objectContaining({
        code: "configuration/invalid-option",
        message: expect.stringContaining('"roots"'),
      }),
    );
  });
});
