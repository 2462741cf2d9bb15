import { describe, expect, it } from "vitest";
import { failureOf } from "../../../test/failure.ts";
import { checkIdentityOption } from "./identity.ts";

const pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
const key = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
const publicKey = "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n";
const signer = { schemes: ["ed25519"], sign: () => new Uint8Array(64) };
/** JavaScript may give anything. */
const check = (identity: unknown) => checkIdentityOption(identity as () => undefined);

describe("the option identity", () => {
  it.each<[string, unknown]>([
    ["certificates and key in PEM", { certificates: pem, key }],
    ["certificates in DER", { certificates: [Uint8Array.of(1)], key }],
    ["a raw public key in PEM", { publicKey, key }],
    ["a raw public key in DER", { publicKey: Uint8Array.of(1), key: signer }],
    ["all there is", { certificates: pem, key: signer, signatureSchemes: ["ed25519"] }],
    ["one for its authorities", { certificates: pem, key, onlyForItsAuthorities: true }],
    [
      "several",
      [
        { certificates: pem, key },
        { publicKey, key },
      ],
    ],
    ["a function", () => undefined],
  ])("takes %s", (_, identity) => {
    expect(() => check(identity)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ["a string", pem, "identity"],
    ["null", null, "identity"],
    ["no identity", [], "identity"],
    ["null in a list", [null], "identity"],
    ["a key alone", { key }, "identity"],
    ["both forms", { certificates: pem, publicKey, key }, "identity"],
    ["an unknown member", { certificates: pem, key, passphrase: "x" }, "identity.passphrase"],
    ["certificates of no kind", { certificates: 1, key }, "identity.certificates"],
    ["no PEM", { certificates: "certificate", key }, "identity.certificates"],
    ["no certificates", { certificates: [], key }, "identity.certificates"],
    ["a list of strings", { certificates: [pem], key }, "identity.certificates"],
    [
      "a proxy of bytes",
      { certificates: [new Proxy(Uint8Array.of(1), {})], key },
      "identity.certificates",
    ],
    ["a public key of no kind", { publicKey: pem, key }, "identity.publicKey"],
    ["no key", { certificates: pem }, "identity.key"],
    ["a key that is null", { certificates: pem, key: null }, "identity.key"],
    ["a key that is no PEM", { certificates: pem, key: "key" }, "identity.key"],
    ["a signer without a method", { certificates: pem, key: { schemes: [] } }, "identity.key"],
    ["a signer without schemes", { certificates: pem, key: { sign() {} } }, "identity.key"],
    [
      "a signer with schemes that are none",
      { certificates: pem, key: { ...signer, schemes: ["rsa"] } },
      "identity.key.schemes",
    ],
    [
      "schemes that are none",
      { certificates: pem, key, signatureSchemes: ["rsa"] },
      "identity.signatureSchemes",
    ],
    [
      "no yes and no no",
      { certificates: pem, key, onlyForItsAuthorities: "no" },
      "identity.onlyForItsAuthorities",
    ],
  ])("refuses %s", async (_, identity, option) => {
    expect(await failureOf(() => check(identity))).toMatchObject({
      code: "configuration/invalid-option",
      message: expect.stringContaining(`"${option}"`),
    });
  });
});
