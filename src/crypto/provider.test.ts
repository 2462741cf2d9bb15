/**
 * One suite over every provider: published figures, agreement between providers, and refusals.
 */

import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, test } from "vitest";
import { TlsError } from "../errors.ts";
import type { Bytes } from "./bytes.ts";
import { nobleCrypto } from "./noble.ts";
import { platformCrypto } from "./platform.ts";
import {
  type AeadName,
  aeadKeyLength,
  type CryptoProvider,
  type DhGroup,
  type DigestName,
  type HashName,
  hashLength,
} from "./provider.ts";
import { webCrypto } from "./webcrypto.ts";

const hex = (text: string): Bytes => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const ascii = (text: string): Bytes => new Uint8Array(Buffer.from(text, "ascii"));
const flipped = (bytes: Uint8Array, index: number): Bytes =>
  Uint8Array.from(bytes, (byte, at) => (at === index ? byte ^ 1 : byte));
const ownsItsBuffer = (bytes: Uint8Array) => bytes.byteLength === bytes.buffer.byteLength;

const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["webcrypto", webCrypto],
  ["noble", nobleCrypto],
  ["platform", platformCrypto],
];

/** What may be missing from WebCrypto; Node 20 has neither ChaCha20-Poly1305 nor ML-KEM. */
const asks = {
  "AES-128-GCM": (provider: CryptoProvider) =>
    provider.importAeadKey("AES-128-GCM", new Uint8Array(16)),
  "AES-256-GCM": (provider: CryptoProvider) =>
    provider.importAeadKey("AES-256-GCM", new Uint8Array(32)),
  "ChaCha20-Poly1305": (provider: CryptoProvider) =>
    provider.importAeadKey("ChaCha20-Poly1305", new Uint8Array(32)),
  X25519: (provider: CryptoProvider) => provider.generateDhKeyPair("X25519"),
  "P-256": (provider: CryptoProvider) => provider.generateDhKeyPair("P-256"),
  "P-384": (provider: CryptoProvider) => provider.generateDhKeyPair("P-384"),
  "P-521": (provider: CryptoProvider) => provider.generateDhKeyPair("P-521"),
  "ML-KEM-768": (provider: CryptoProvider) => provider.generateMlKemKeyPair("ML-KEM-768"),
  "ML-KEM-1024": (provider: CryptoProvider) => provider.generateMlKemKeyPair("ML-KEM-1024"),
};

/** Why WebCrypto gave no key, by algorithm. */
const lacking = new Map<string, unknown>();
for (const [algorithm, ask] of Object.entries(asks)) {
  await ask(webCrypto).catch((error: unknown) => lacking.set(algorithm, error));
}

/** Registers a test; where WebCrypto alone lacks the algorithm, one that it says so in its error. */
function testWhereThere(
  algorithm: keyof typeof asks,
  title: string,
  provider: CryptoProvider,
  run: () => Promise<void>,
): void {
  if (provider !== webCrypto || !lacking.has(algorithm)) {
    test(`${algorithm} ${title}`, run);
    return;
  }
  test(`${algorithm} ${title}: this engine lacks it, and the error says so`, () => {
    const error = lacking.get(algorithm);
    expect(error).toBeInstanceOf(TlsError);
    expect(error).toHaveProperty("code", "configuration/unsupported-platform");
  });
}

// FIPS 180-4: the one-block examples, "abc".
const digests: Readonly<Record<DigestName, string>> = {
  "SHA-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
  "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "SHA-384":
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  "SHA-512":
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
};

// RFC 4231 §4.3: key "Jefe", data "what do ya want for nothing?".
const macs: Readonly<Record<HashName, string>> = {
  "SHA-256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  "SHA-384":
    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
  "SHA-512":
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
};

interface AeadFigure {
  key: Bytes;
  nonce: Bytes;
  additionalData: Bytes;
  plaintext: Bytes;
  sealed: Bytes;
}

const aeadFigures: Readonly<Record<AeadName, AeadFigure>> = {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 2 and 14.
  "AES-128-GCM": {
    key: new Uint8Array(16),
    nonce: new Uint8Array(12),
    additionalData: new Uint8Array(0),
    plaintext: new Uint8Array(16),
    sealed: hex("0388dace60b6a392f328c2b971b2fe78 ab6e47d42cec13bdf53a67b21257bddf"),
  },
  "AES-256-GCM": {
    key: new Uint8Array(32),
    nonce: new Uint8Array(12),
    additionalData: new Uint8Array(0),
    plaintext: new Uint8Array(16),
    sealed: hex("cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"),
  },
  // RFC 8439 §2.8.2.
  "ChaCha20-Poly1305": {
    key: hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
    nonce: hex("070000004041424344454647"),
    additionalData: hex("50515253c0c1c2c3c4c5c6c7"),
    plaintext: ascii(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ),
    sealed: hex(
      "d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc 3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691",
    ),
  },
};

const hashNames: readonly HashName[] = ["SHA-256", "SHA-384", "SHA-512"];
const aeadNames: readonly AeadName[] = ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"];
const dhGroups: readonly DhGroup[] = ["X25519", "P-256", "P-384", "P-521"];
const sharedLength = { X25519: 32, "P-256": 32, "P-384": 48, "P-521": 66 } as const;

for (const [name, provider] of providers) {
  describe(`${name}: hashes`, () => {
    test.each([...hashNames, "SHA-1"] as const)("%s of the published example", async (hash) => {
      expect(await provider.digest(hash, ascii("abc"))).toEqual(hex(digests[hash]));
    });

    test.each(hashNames)("HMAC-%s of the published example", async (hash) => {
      const key = await provider.importHmacKey(hash, ascii("Jefe"));
      const data = ascii("what do ya want for nothing?");
      const mac = await key.sign(data);
      expect(mac).toEqual(hex(macs[hash]));
      expect(await key.sign(data)).toEqual(mac);
      expect(await key.verify(mac, data)).toBe(true);
      expect(await key.verify(flipped(mac, 0), data)).toBe(false);
      expect(await key.verify(mac.subarray(1), data)).toBe(false);
      expect(await key.verify(mac, ascii("something else"))).toBe(false);
    });

    test.each(hashNames)("HMAC-%s takes an empty key, a long one, and copies it", async (hash) => {
      const empty = await provider.importHmacKey(hash, new Uint8Array(0));
      const zeros = await nobleCrypto.importHmacKey(hash, new Uint8Array(hashLength[hash]));
      expect(await empty.sign(ascii("x"))).toEqual(await zeros.sign(ascii("x")));

      const bytes = new Uint8Array(300).fill(7);
      const long = await provider.importHmacKey(hash, bytes);
      const mac = await long.sign(ascii("x"));
      bytes.fill(0);
      expect(await long.sign(ascii("x"))).toEqual(mac);
    });

    test("random bytes are as many as asked for, and not the same twice", () => {
      expect(provider.randomBytes(0)).toHaveLength(0);
      expect(provider.randomBytes(65536)).toHaveLength(65536);
      expect(provider.randomBytes(32)).not.toEqual(provider.randomBytes(32));
    });
  });

  describe(`${name}: authenticated encryption`, () => {
    for (const aead of aeadNames) {
      const figure = aeadFigures[aead];

      testWhereThere(aead, "of the published example", provider, async () => {
        const { nonce, additionalData, plaintext, sealed } = figure;
        const bytes = figure.key.slice();
        const key = await provider.importAeadKey(aead, bytes);
        bytes.fill(0xff);
        const ours = await key.seal(nonce, additionalData, plaintext);
        expect(ours).toEqual(sealed);
        expect(ownsItsBuffer(ours)).toBe(true);
        // A record is a part of a longer chunk, which stays as it is.
        const chunk = new Uint8Array([1, 2, 3, ...sealed, 4]);
        const record = chunk.subarray(3, 3 + sealed.length);
        const opened = await key.open(nonce, additionalData, record);
        expect(opened).toEqual(plaintext);
        expect(opened !== undefined && ownsItsBuffer(opened)).toBe(true);
        expect(chunk).toEqual(new Uint8Array([1, 2, 3, ...sealed, 4]));
      });

      testWhereThere(aead, "opens nothing that was changed", provider, async () => {
        const { nonce, additionalData, sealed } = figure;
        const key = await provider.importAeadKey(aead, figure.key);
        const last = sealed.length - 1;
        expect(await key.open(nonce, additionalData, flipped(sealed, 0))).toBeUndefined();
        expect(await key.open(nonce, additionalData, flipped(sealed, last))).toBeUndefined();
        expect(await key.open(nonce, ascii("other"), sealed)).toBeUndefined();
        expect(await key.open(flipped(nonce, 11), additionalData, sealed)).toBeUndefined();
        expect(await key.open(nonce, additionalData, sealed.subarray(0, last))).toBeUndefined();
        expect(await key.open(nonce, additionalData, sealed.subarray(0, 15))).toBeUndefined();
        expect(await key.open(nonce, additionalData, new Uint8Array(0))).toBeUndefined();
      });

      testWhereThere(aead, "between providers, at every size that matters", provider, async () => {
        const bytes = provider.randomBytes(aeadKeyLength[aead]);
        const nonce = provider.randomBytes(12);
        const header = ascii("header");
        const key = await provider.importAeadKey(aead, bytes);
        const other = await nobleCrypto.importAeadKey(aead, bytes);
        for (const length of [0, 1, 15, 16, 17, 16385]) {
          const plaintext = provider.randomBytes(length);
          const sealed = await key.seal(nonce, header, plaintext);
          expect(await other.open(nonce, header, sealed)).toEqual(plaintext);
          expect(await other.seal(nonce, header, plaintext)).toEqual(sealed);
          expect(await key.open(nonce, header, sealed)).toEqual(plaintext);
        }
      });

      test(`${aead} takes no key of another length`, async () => {
        for (const length of [0, aeadKeyLength[aead] - 1, aeadKeyLength[aead] + 16]) {
          const imported = provider.importAeadKey(aead, new Uint8Array(length));
          await expect(imported).rejects.toHaveProperty("code", "handshake/internal-error");
        }
      });
    }
  });

  describe(`${name}: key agreement`, () => {
    for (const group of dhGroups) {
      testWhereThere(group, "agrees with every provider", provider, async () => {
        const ours = await provider.generateDhKeyPair(group);
        const again = await provider.generateDhKeyPair(group);
        expect(again.publicKey).not.toEqual(ours.publicKey);
        for (const other of [nobleCrypto, platformCrypto]) {
          const theirs = await other.generateDhKeyPair(group);
          const secret = await ours.agree(theirs.publicKey);
          expect(secret).toHaveLength(sharedLength[group]);
          expect(await theirs.agree(ours.publicKey)).toEqual(secret);
        }
      });

      testWhereThere(group, "refuses what is not a public key", provider, async () => {
        const pair = await provider.generateDhKeyPair(group);
        const { publicKey } = await nobleCrypto.generateDhKeyPair(group);
        const refused = [
          new Uint8Array(0),
          publicKey.subarray(1),
          new Uint8Array([...publicKey, 0]),
          new Uint8Array(publicKey.length),
        ];
        if (group === "X25519") {
          // RFC 7748 §6.1: points of small order, here u = 1 and u = p − 1.
          refused.push(flipped(new Uint8Array(32), 0));
          refused.push(hex(`ec${"ff".repeat(30)}7f`));
        } else {
          const last = publicKey.length - 1;
          refused.push(flipped(publicKey, last));
          refused.push(new Uint8Array([4, ...new Uint8Array(last)]));
          refused.push(new Uint8Array([4, ...new Uint8Array(last).fill(255)]));
          // The compressed and the hybrid form of a good point (SEC 1 §2.3.3, ANSI X9.62).
          const parity = (publicKey[last] ?? 0) & 1;
          refused.push(new Uint8Array([2 + parity, ...publicKey.slice(1, 1 + last / 2)]));
          refused.push(new Uint8Array([6 + parity, ...publicKey.slice(1)]));
        }
        for (const peer of refused) expect(await pair.agree(peer)).toBeUndefined();
      });
    }

    for (const [parameters, kem, keyLength, length] of [
      ["ML-KEM-768", ml_kem768, 1184, 1088],
      ["ML-KEM-1024", ml_kem1024, 1568, 1568],
    ] as const) {
      testWhereThere(parameters, `decapsulates ${parameters}`, provider, async () => {
        const pair = await provider.generateMlKemKeyPair(parameters);
        expect(pair.encapsulationKey).toHaveLength(keyLength);
        const { cipherText, sharedSecret } = kem.encapsulate(pair.encapsulationKey);
        expect(await pair.decapsulate(cipherText)).toEqual(sharedSecret);
        // FIPS 203 §6.3: a wrong ciphertext gives another secret, not an error.
        const rejected = await pair.decapsulate(flipped(cipherText, 0));
        expect(rejected).toHaveLength(32);
        expect(rejected).not.toEqual(sharedSecret);
        expect(await pair.decapsulate(cipherText.subarray(1))).toBeUndefined();
        expect(await pair.decapsulate(new Uint8Array(length + 1))).toBeUndefined();
        expect(await pair.decapsulate(new Uint8Array(0))).toBeUndefined();
      });
    }
  });
}
