/** The checks before arithmetic, at their edges. */

import { expect, test } from "vitest";
import { nobleCrypto } from "./noble.ts";
import { parseVerification } from "./verification.ts";
import { offCurvePoint } from "./webcrypto/point-check.ts";

const hash = "SHA-256";

test("an RSA signature is as long as the modulus and below it", () => {
  const modulus = new Uint8Array(256).fill(0xab);
  const key = { kind: "rsa", modulus, exponent: Uint8Array.of(1, 0, 1) } as const;
  const parsed = (signature: Uint8Array) =>
    parseVerification({ kind: "rsa-pkcs1", hash }, key, signature);
  const one = new Uint8Array(256).fill(0);
  const below = modulus.slice().fill(0xaa, 255);
  const above = modulus.slice().fill(0xac, 255);
  const firstAbove = modulus.slice().fill(0xac, 0, 1).fill(0, 1);
  expect(parsed(one)).toMatchObject({ kind: "rsa-pkcs1", hash, modulus });
  expect(parsed(below)).toBeDefined();
  for (const refused of [modulus, above, firstAbove, below.subarray(1), new Uint8Array(257)]) {
    expect(parsed(refused)).toBeUndefined();
  }
});

test("the s of an Ed25519 signature is below the group's order", () => {
  const key = { kind: "ed25519", key: new Uint8Array(32) } as const;
  // RFC 8032 §5.1: L = 2^252 + 27742317777372353535851937790883648493.
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const parsed = (s: bigint) => {
    const bigEndian = Buffer.from(s.toString(16).padStart(64, "0"), "hex");
    const signature = new Uint8Array(64).fill(0xff);
    signature.set(bigEndian.reverse(), 32);
    return parseVerification({ kind: "ed25519" }, key, signature);
  };
  expect(parsed(0n)).toBeDefined();
  expect(parsed(order - 1n)).toBeDefined();
  expect(parsed(order)).toBeUndefined();
  expect(parsed(order + 1n)).toBeUndefined();
  expect(parsed(2n ** 256n - 1n)).toBeUndefined();
});

test("a signature stays as it is, a Buffer's too, whose slice is a view", () => {
  const key = { kind: "ed25519", key: new Uint8Array(32) } as const;
  const signature = Buffer.from(Array.from({ length: 64 }, (_, index) => 63 - index));
  const before = signature.toString("hex");
  parseVerification({ kind: "ed25519" }, key, signature);
  expect(signature.toString("hex")).toBe(before);
});

test.each(["P-256", "P-384", "P-521"] as const)(
  "the point that engines are tried with is not on %s",
  async (curve) => {
    const pair = await nobleCrypto.generateDhKeyPair(curve);
    expect(await pair.agree(offCurvePoint(curve))).toBeUndefined();
    const key = { kind: "ec", curve, point: offCurvePoint(curve) } as const;
    const signature = new Uint8Array(pair.publicKey.length - 1).fill(1);
    expect(parseVerification({ kind: "ecdsa", hash }, key, signature)).toBeDefined();
  },
);
