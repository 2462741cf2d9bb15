/**
 * Signing by every provider: Node's own OpenSSL verifies what comes of it.
 */

import { constants, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { failureOf } from "../../test/failure.ts";
import type { Bytes } from "./bytes.ts";
import { nobleCrypto } from "./noble.ts";
import { platformCrypto } from "./platform.ts";
import type { CryptoProvider, HashName, PrivateKey, SignatureAlgorithm } from "./provider.ts";
import { coordinateLength, mlDsaLengths } from "./verification.ts";
import { webCrypto } from "./webcrypto.ts";

const bytes = (data: Uint8Array): Bytes => new Uint8Array(data);
const base64Url = (text: string | undefined) => bytes(Buffer.from(text ?? "", "base64url"));
const hashNames: readonly HashName[] = ["SHA-256", "SHA-384", "SHA-512"];
const message = bytes(Buffer.from("what is signed"));

const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["webcrypto", webCrypto],
  ["noble", nobleCrypto],
  ["platform", platformCrypto],
];

interface Pair {
  readonly privateKey: PrivateKey;
  readonly publicKey: KeyObject;
}

const ec = (["P-256", "P-384", "P-521"] as const).map((curve): [string, Pair] => {
  const pair = generateKeyPairSync("ec", { namedCurve: curve });
  const { x, y, d } = pair.privateKey.export({ format: "jwk" });
  const point = bytes(Buffer.concat([Buffer.of(4), base64Url(x), base64Url(y)]));
  const privateKey = { kind: "ec", curve, scalar: base64Url(d), point } as const;
  return [curve, { privateKey, publicKey: pair.publicKey }];
});
const ed25519Pair = generateKeyPairSync("ed25519");
const ed25519: Pair = {
  privateKey: {
    kind: "ed25519",
    seed: base64Url(ed25519Pair.privateKey.export({ format: "jwk" }).d),
  },
  publicKey: ed25519Pair.publicKey,
};
const rsaPair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsa: Pair = {
  privateKey: {
    kind: "rsa",
    rsaPrivateKey: bytes(rsaPair.privateKey.export({ type: "pkcs1", format: "der" })),
  },
  publicKey: rsaPair.publicKey,
};

/** Whether OpenSSL takes the signature. */
function isRight(algorithm: SignatureAlgorithm, key: KeyObject, signature: Bytes): boolean {
  switch (algorithm.kind) {
    case "ecdsa":
      return verify(algorithm.hash, message, { key, dsaEncoding: "ieee-p1363" }, signature);
    case "ed25519":
      return verify(null, message, key, signature);
    case "rsa-pss": {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return verify(algorithm.hash, message, { key, padding, saltLength }, signature);
    }
    case "rsa-pkcs1":
      return verify(algorithm.hash, message, key, signature);
    case "ml-dsa":
      throw new Error("Node's OpenSSL does not know ML-DSA");
  }
}

async function signedBy(
  provider: CryptoProvider,
  { privateKey, publicKey }: Pair,
  algorithm: SignatureAlgorithm,
): Promise<boolean> {
  const key = await provider.importSigningKey(privateKey);
  const signature = await key?.sign(algorithm, message);
  return signature !== undefined && isRight(algorithm, publicKey, signature);
}

describe.each(providers)("signing by %s", (name, provider) => {
  test.each(ec)("ECDSA on %s, with every hash", async (_, pair) => {
    for (const hash of hashNames) {
      expect(await signedBy(provider, pair, { kind: "ecdsa", hash })).toBe(true);
    }
  });

  test("Ed25519", async () => {
    expect(await signedBy(provider, ed25519, { kind: "ed25519" })).toBe(true);
  });

  test("RSA: both paddings and every hash with one key, or none in JavaScript", async () => {
    if (name === "noble") {
      expect(await failureOf(() => provider.importSigningKey(rsa.privateKey))).toMatchObject({
        code: "configuration/unsupported-platform",
      });
      return;
    }
    const key = await provider.importSigningKey(rsa.privateKey);
    for (const hash of hashNames) {
      for (const kind of ["rsa-pss", "rsa-pkcs1"] as const) {
        const algorithm = { kind, hash };
        const signature = await key?.sign(algorithm, message);
        expect(isRight(algorithm, rsa.publicKey, signature ?? new Uint8Array())).toBe(true);
      }
    }
  });

  test.each(ec)("a number that is no key on %s is refused", async (_, { privateKey }) => {
    if (privateKey.kind !== "ec") throw new Error("not an EC key");
    const scalar = new Uint8Array(coordinateLength[privateKey.curve]);
    expect(await provider.importSigningKey({ ...privateKey, scalar })).toBeUndefined();
    const large = scalar.fill(0xff);
    expect(await provider.importSigningKey({ ...privateKey, scalar: large })).toBeUndefined();
  });
});

test("an RSA key that is none is refused", async () => {
  const rsaPrivateKey = Uint8Array.of(0x30, 3, 2, 1, 0);
  expect(await webCrypto.importSigningKey({ kind: "rsa", rsaPrivateKey })).toBeUndefined();
});

describe("ML-DSA", () => {
  const parameterSets = { "ML-DSA-44": ml_dsa44, "ML-DSA-65": ml_dsa65, "ML-DSA-87": ml_dsa87 };

  test.each(["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const)("%s signs", async (parameters) => {
    const seed = new Uint8Array(32).fill(7);
    const signing = await platformCrypto.importSigningKey({ kind: "ml-dsa", parameters, seed });
    const algorithm = { kind: "ml-dsa", parameters } as const;
    const signature = (await signing?.sign(algorithm, message)) ?? new Uint8Array();
    const publicKey = Uint8Array.from(parameterSets[parameters].keygen(seed).publicKey);
    expect(publicKey).toHaveLength(mlDsaLengths[parameters].key);
    const isGood = (bytes: Bytes, key: Bytes) =>
      platformCrypto.verifySignature(
        algorithm,
        { kind: "ml-dsa", parameters, key },
        bytes,
        message,
      );
    expect(await isGood(signature, publicKey)).toBe(true);
    expect(await isGood(signature.with(100, (signature[100] ?? 0) ^ 1), publicKey)).toBe(false);
    expect(await isGood(signature.subarray(1), publicKey)).toBe(false);
    expect(await isGood(signature, publicKey.subarray(1))).toBe(false);
  });

  test("a seed of another length is none", async () => {
    const key = { kind: "ml-dsa", parameters: "ML-DSA-44", seed: new Uint8Array(31) } as const;
    expect(await platformCrypto.importSigningKey(key)).toBeUndefined();
  });
});

// Behind all that load modules: these are forgotten here, and their classes with them.
describe("an engine without the algorithm", () => {
  const { subtle } = globalThis.crypto;
  const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
  afterEach(() => void vi.unstubAllGlobals());

  test("signs by Ed25519 and ECDSA in JavaScript", async () => {
    const importKey = vi.fn(async () => {
      throw new DOMException("Unrecognized name.", "NotSupportedError");
    });
    vi.stubGlobal("crypto", { getRandomValues, subtle: { importKey } });
    vi.resetModules();
    const { platformCrypto: fresh } = await import("./platform.ts");
    expect(await signedBy(fresh, ed25519, { kind: "ed25519" })).toBe(true);
    expect(await signedBy(fresh, ed25519, { kind: "ed25519" })).toBe(true);
    expect(importKey).toHaveBeenCalledTimes(1);
    vi.stubGlobal("crypto", { getRandomValues });
    for (const [, pair] of ec) {
      expect(await signedBy(fresh, pair, { kind: "ecdsa", hash: "SHA-256" })).toBe(true);
    }
  });

  test("is not taken for one because its module could not be loaded", async () => {
    vi.resetModules();
    vi.doMock("./webcrypto/signing.ts", () => {
      throw new TypeError("Failed to fetch dynamically imported module");
    });
    const { platformCrypto: fresh } = await import("./platform.ts");
    for (const { privateKey } of [ed25519, rsa]) {
      await expect(fresh.importSigningKey(privateKey)).rejects.toMatchObject({
        code: "configuration/unsupported-platform",
        message: expect.stringContaining("could not be loaded"),
      });
    }
    vi.doUnmock("./webcrypto/signing.ts");
    const importKey = vi.fn(subtle.importKey.bind(subtle));
    const sign = subtle.sign.bind(subtle);
    vi.stubGlobal("crypto", { getRandomValues, subtle: { importKey, sign } });
    expect(await signedBy(fresh, ed25519, { kind: "ed25519" })).toBe(true);
    expect(importKey).toHaveBeenCalled();
  });

  test("keys are imported so that they can't be extracted", async () => {
    const importKey = vi.fn(subtle.importKey.bind(subtle));
    const sign = subtle.sign.bind(subtle);
    vi.stubGlobal("crypto", { getRandomValues, subtle: { importKey, sign } });
    for (const { privateKey } of [...ec.map(([, pair]) => pair), ed25519, rsa]) {
      await webCrypto.importSigningKey(privateKey);
    }
    // Of RSA one for each padding and hash.
    expect(importKey).toHaveBeenCalledTimes(4 + 6);
    for (const { value } of importKey.mock.settledResults) {
      expect(value).toMatchObject({ extractable: false });
    }
  });
});

test("a key is wanted only while it is imported", async () => {
  for (const { privateKey, algorithm } of [
    { ...ec[0]?.[1], algorithm: { kind: "ecdsa", hash: "SHA-384" } },
    { ...rsa, algorithm: { kind: "rsa-pkcs1", hash: "SHA-512" } },
  ] as const) {
    if (privateKey === undefined) throw new Error("no key");
    const key = await webCrypto.importSigningKey(privateKey);
    const importKey = vi.spyOn(crypto.subtle, "importKey");
    expect(await key?.sign(algorithm, message)).toBeInstanceOf(Uint8Array);
    expect(importKey).not.toHaveBeenCalled();
    importKey.mockRestore();
  }
});

describe("a CryptoKey", () => {
  const generate = (algorithm: object, usages: KeyUsage[] = ["sign", "verify"]) =>
    crypto.subtle.generateKey(algorithm as EcKeyGenParams, false, usages) as Promise<CryptoKeyPair>;

  test("that is not extractable signs", async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
      "sign",
      "verify",
    ]);
    const key = await platformCrypto.adoptSigningKey(pair.privateKey);
    const signature = await key?.sign({ kind: "ecdsa", hash: "SHA-384" }, message);
    const algorithm = { name: "ECDSA", hash: "SHA-384" };
    expect(
      await crypto.subtle.verify(algorithm, pair.publicKey, signature ?? message, message),
    ).toBe(true);
  });

  const rsaOf = (name: string, hash: string) => ({
    name,
    hash,
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  });

  test.each([
    [
      { name: "ECDSA", namedCurve: "P-384" },
      { kind: "ec", curve: "P-384" },
    ],
    [{ name: "Ed25519" }, { kind: "ed25519" }],
    [rsaOf("RSA-PSS", "SHA-384"), { kind: "rsa", padding: "rsa-pss", hash: "SHA-384" }],
    [rsaOf("RSASSA-PKCS1-v1_5", "SHA-1"), { kind: "rsa", padding: "rsa-pkcs1", hash: "SHA-1" }],
  ])("of %o can do what it was made for", async (algorithm, ability) => {
    const { privateKey, publicKey } = await generate(algorithm);
    expect(await platformCrypto.adoptSigningKey(privateKey)).toMatchObject({ ability });
    expect(await platformCrypto.adoptSigningKey(publicKey)).toBeUndefined();
  });

  test("is WebCrypto's: JavaScript can't sign with it", async () => {
    const { privateKey } = await generate({ name: "ECDSA", namedCurve: "P-256" });
    expect(await failureOf(() => nobleCrypto.adoptSigningKey(privateKey))).toMatchObject({
      code: "configuration/unsupported-platform",
    });
  });

  test("that is not for signing can do nothing", async () => {
    const { privateKey } = await generate({ name: "ECDH", namedCurve: "P-256" }, ["deriveBits"]);
    expect(await platformCrypto.adoptSigningKey(privateKey)).toBeUndefined();
  });
});
