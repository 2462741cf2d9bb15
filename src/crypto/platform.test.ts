/**
 * Where the default provider gets each algorithm from, with engines that lack some or all.
 */

import { afterEach, expect, test, vi } from "vitest";
import type { CryptoProvider, SignatureAlgorithm } from "./provider.ts";

const realCrypto = globalThis.crypto;
const getRandomValues = realCrypto.getRandomValues.bind(realCrypto);

/** The provider anew: what it found out about the engine is forgotten. */
async function freshPlatform(): Promise<CryptoProvider> {
  vi.resetModules();
  return (await import("./platform.ts")).platformCrypto;
}

/** The engine's WebCrypto with some methods replaced. */
function stubSubtle(replaced: Partial<Record<keyof SubtleCrypto, unknown>>): void {
  const subtle = new Proxy(realCrypto.subtle, {
    get(target, name) {
      const own = Object.entries(replaced).find(([key]) => key === name);
      if (own !== undefined) return own[1];
      const method: unknown = Reflect.get(target, name);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
  vi.stubGlobal("crypto", { getRandomValues, subtle });
}

afterEach(() => void vi.unstubAllGlobals());

test("an insecure context has every algorithm, without WebCrypto", async () => {
  vi.stubGlobal("crypto", { getRandomValues });
  const platform = await freshPlatform();
  expect(platform.hasPlatformAes).toBe(false);

  const data = platform.randomBytes(100);
  const digest = await platform.digest("SHA-384", data);
  const mac = await (await platform.importHmacKey("SHA-256", data)).sign(data);
  const aesKey = await platform.importAeadKey("AES-128-GCM", data.slice(0, 16));
  const sealed = await aesKey.seal(data.slice(0, 12), data, data);
  const pair = await platform.generateDhKeyPair("X25519");
  const curvePair = await platform.generateDhKeyPair("P-256");
  const kemPair = await platform.generateMlKemKeyPair("ML-KEM-768");
  expect(kemPair.encapsulationKey).toHaveLength(1184);
  const algorithms: SignatureAlgorithm[] = [
    { kind: "ecdsa", hash: "SHA-256" },
    { kind: "ed25519" },
    { kind: "rsa-pss", hash: "SHA-256" },
    { kind: "rsa-pkcs1", hash: "SHA-256" },
  ];
  const point = curvePair.publicKey;
  const keys = [
    { kind: "ec", curve: "P-256", point },
    { kind: "ed25519", key: pair.publicKey },
    { kind: "rsa", modulus: new Uint8Array(64).fill(0xff), exponent: new Uint8Array([3]) },
  ] as const;
  for (const algorithm of algorithms) {
    for (const key of keys) {
      const verified = platform.verifySignature(algorithm, key, new Uint8Array(64).fill(1), data);
      expect(await verified).toBe(false);
    }
  }

  // The same figures come of WebCrypto.
  vi.unstubAllGlobals();
  const secure = await freshPlatform();
  expect(secure.hasPlatformAes).toBe(true);
  expect(await secure.digest("SHA-384", data)).toEqual(digest);
  expect(await (await secure.importHmacKey("SHA-256", data)).verify(mac, data)).toBe(true);
  const opener = await secure.importAeadKey("AES-128-GCM", data.slice(0, 16));
  expect(await opener.open(data.slice(0, 12), data, sealed)).toEqual(data);
  const peer = await secure.generateDhKeyPair("X25519");
  expect(await pair.agree(peer.publicKey)).toEqual(await peer.agree(pair.publicKey));
});

test("an algorithm the engine lacks is tried once", async () => {
  const generateKey = vi.fn(async () => {
    throw new DOMException("Unrecognized name.", "NotSupportedError");
  });
  stubSubtle({ generateKey });
  const platform = await freshPlatform();
  const first = await platform.generateDhKeyPair("X25519");
  const second = await platform.generateDhKeyPair("X25519");
  expect(await first.agree(second.publicKey)).toEqual(await second.agree(first.publicKey));
  expect(generateKey).toHaveBeenCalledTimes(1);
  await platform.generateDhKeyPair("P-256");
  expect(generateKey).toHaveBeenCalledTimes(2);
});

test("a curve the engine lacks for signatures comes from JavaScript, others do not", async () => {
  const importKey = vi.fn(
    async (format: "raw", key: Uint8Array<ArrayBuffer>, algorithm: object) => {
      if ("namedCurve" in algorithm && algorithm.namedCurve === "P-521") {
        throw new DOMException("Unsupported curve.", "NotSupportedError");
      }
      return realCrypto.subtle.importKey(format, key, { ...algorithm, name: "ECDSA" }, false, [
        "verify",
      ]);
    },
  );
  stubSubtle({ importKey });
  const platform = await freshPlatform();
  const message = new Uint8Array([1, 2, 3]);
  for (const [curve, size] of [
    ["P-256", 64],
    ["P-521", 132],
  ] as const) {
    const algorithm = { name: "ECDSA", namedCurve: curve, hash: "SHA-256" };
    const pair = await realCrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const point = new Uint8Array(await realCrypto.subtle.exportKey("raw", pair.publicKey));
    const signature = new Uint8Array(
      await realCrypto.subtle.sign(algorithm, pair.privateKey, message),
    );
    expect(signature).toHaveLength(size);
    for (let round = 0; round < 2; round += 1) {
      const key = { kind: "ec", curve, point } as const;
      const ecdsa = { kind: "ecdsa", hash: "SHA-256" } as const;
      expect(await platform.verifySignature(ecdsa, key, signature, message)).toBe(true);
    }
  }
  // P-256 twice, P-521 once: then it is known to be missing. Each curve was tried before with a
  // point that is off it.
  expect(importKey).toHaveBeenCalledTimes(3 + 2);
});

test("an invalid key does not make the engine's algorithm count as missing", async () => {
  const importKey = vi.fn(realCrypto.subtle.importKey.bind(realCrypto.subtle));
  stubSubtle({ importKey });
  const platform = await freshPlatform();
  const key = { kind: "ec", curve: "P-256", point: new Uint8Array(65).fill(4) } as const;
  const algorithm = { kind: "ecdsa", hash: "SHA-256" } as const;
  for (let round = 0; round < 2; round += 1) {
    const verified = platform.verifySignature(algorithm, key, new Uint8Array(64), key.point);
    expect(await verified).toBe(false);
  }
  expect(importKey).toHaveBeenCalledTimes(2 + 1);
});

test("an engine that takes points off the curve is not asked for that curve", async () => {
  // As WebKitGTK 2.50: import takes anything, and so a shared secret comes of anything.
  const real = realCrypto.subtle;
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  const some = await real.generateKey(algorithm, true, ["deriveBits"]);
  const importKey = vi.fn(async () => some.publicKey);
  stubSubtle({ importKey });
  const platform = await freshPlatform();
  const { webCrypto } = await import("./webcrypto.ts");

  const missing = { code: "configuration/unsupported-platform" };
  await expect(webCrypto.generateDhKeyPair("P-256")).rejects.toMatchObject(missing);
  const pair = await platform.generateDhKeyPair("P-256");
  const peer = await platform.generateDhKeyPair("P-256");
  expect(await pair.agree(peer.publicKey)).toEqual(await peer.agree(pair.publicKey));
  const offCurve = peer.publicKey.map((byte, index) => (index === 64 ? byte ^ 1 : byte));
  expect(await pair.agree(offCurve)).toBeUndefined();

  const ecdsa = { kind: "ecdsa", hash: "SHA-256" } as const;
  const key = { kind: "ec", curve: "P-256", point: peer.publicKey } as const;
  const verified = webCrypto.verifySignature(ecdsa, key, new Uint8Array(64), offCurve);
  await expect(verified).rejects.toMatchObject(missing);
  expect(await platform.verifySignature(ecdsa, key, new Uint8Array(64), offCurve)).toBe(false);
});

test("failures that are not a lack are not hidden", async () => {
  const platform = await freshPlatform();
  const key = await platform.importAeadKey("AES-128-GCM", new Uint8Array(16));
  const shared = new Uint8Array(new SharedArrayBuffer(32));
  const nonce = new Uint8Array(12);
  await expect(key.open(nonce, nonce, shared)).rejects.toBeInstanceOf(TypeError);
  await expect(platform.digest("SHA-256", shared)).rejects.toBeInstanceOf(TypeError);
});

test("a replacement that cannot be loaded is told in words", async () => {
  vi.resetModules();
  vi.doMock("./noble/hash.ts", () => {
    throw new TypeError("Failed to fetch dynamically imported module");
  });
  const { nobleCrypto } = await import("./noble.ts");
  await expect(nobleCrypto.digest("SHA-256", new Uint8Array(1))).rejects.toMatchObject({
    code: "configuration/unsupported-platform",
    message: expect.stringContaining("content security policy"),
  });
  vi.doUnmock("./noble/hash.ts");
});

/** An engine that fails to make keys, so many times in turn. @returns how often it was asked. */
function failToGenerate(failures: number): () => number {
  let asked = 0;
  stubSubtle({
    generateKey: (...parameters: Parameters<SubtleCrypto["generateKey"]>) => {
      if (++asked <= failures) throw new DOMException("it failed", "OperationError");
      return realCrypto.subtle.generateKey(...parameters);
    },
    importKey: () => Promise.reject(new Error("noble imports nothing")),
  });
  return () => asked;
}

test("an engine that fails now and then to make a key is asked again", async () => {
  const asked = failToGenerate(2);
  const pair = await (await freshPlatform()).generateDhKeyPair("X25519");
  expect(asked()).toBe(3);
  expect(pair.publicKey).toHaveLength(32);
});

test("an engine that never makes a key of an algorithm lacks it", async () => {
  const asked = failToGenerate(Number.POSITIVE_INFINITY);
  const platform = await freshPlatform();
  expect((await platform.generateDhKeyPair("X25519")).publicKey).toHaveLength(32);
  const tries = asked();
  await platform.generateDhKeyPair("X25519");
  expect(asked()).toBe(tries);
});
