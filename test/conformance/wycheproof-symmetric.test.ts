/**
 * Wycheproof: authenticated encryption and HMAC.
 */

import { describe } from "vitest";
import type { AeadName, HashName } from "../../src/crypto/provider.ts";
import { fromHex } from "./vectors.ts";
import { type Judged, providers, readGroups, same, testFile, type Vector } from "./wycheproof.ts";

interface AeadVector extends Vector {
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
}
interface AeadGroup {
  ivSize: number;
  keySize: number;
  tagSize: number;
  tests: AeadVector[];
}

interface MacVector extends Vector {
  key: string;
  msg: string;
  tag: string;
}
interface MacGroup {
  tagSize: number;
  tests: MacVector[];
}

function judgeAead(aead: AeadName, vector: AeadVector): Judged {
  const [key, nonce, additionalData] = [vector.key, vector.iv, vector.aad].map(fromHex);
  if (!key || !nonce || !additionalData) throw new Error("a vector without its fields");
  const plaintext = fromHex(vector.msg);
  const sealed = fromHex(vector.ct + vector.tag);
  const good = vector.result === "valid";
  return {
    ...vector,
    good,
    async taken(provider) {
      const handle = await provider.importAeadKey(aead, key);
      const opened = await handle.open(nonce, additionalData, sealed);
      if (!good) return opened !== undefined;
      return (
        same(opened, plaintext) && same(await handle.seal(nonce, additionalData, plaintext), sealed)
      );
    },
  };
}

describe("Wycheproof: authenticated encryption", () => {
  const files: { file: string; names: Record<number, AeadName>; reason: string }[] = [
    {
      file: "aes_gcm_test.json",
      names: { 128: "AES-128-GCM", 256: "AES-256-GCM" },
      reason: "192 bit keys and nonces that are not 12 bytes, of which TLS has none",
    },
    {
      file: "chacha20_poly1305_test.json",
      names: { 256: "ChaCha20-Poly1305" },
      reason: "nonces that are not 12 bytes, of which TLS has none",
    },
  ];
  for (const { file, names, reason } of files) {
    const groups = readGroups<AeadGroup>(file);
    if (groups === undefined) continue;
    const vectors: Judged[] = [];
    let count = 0;
    for (const { ivSize, keySize, tagSize, tests } of groups) {
      const aead = names[keySize];
      if (aead === undefined || ivSize !== 96 || tagSize !== 128) count += tests.length;
      else vectors.push(...tests.map((vector) => judgeAead(aead, vector)));
    }
    for (const provider of providers) testFile(file, provider, vectors, { count, reason });
  }
});

describe("Wycheproof: HMAC", () => {
  const files: { file: string; hash: HashName; length: number }[] = [
    { file: "hmac_sha256_test.json", hash: "SHA-256", length: 32 },
    { file: "hmac_sha384_test.json", hash: "SHA-384", length: 48 },
    { file: "hmac_sha512_test.json", hash: "SHA-512", length: 64 },
  ];
  for (const { file, hash, length } of files) {
    const groups = readGroups<MacGroup>(file);
    if (groups === undefined) continue;
    const vectors = groups.flatMap(({ tests }) =>
      tests.map((vector): Judged => {
        const [key, message, tag] = [vector.key, vector.msg, vector.tag].map(fromHex);
        if (!key || !message || !tag) throw new Error("a vector without its fields");
        return {
          ...vector,
          good: vector.result === "valid",
          async taken(provider) {
            const handle = await provider.importHmacKey(hash, key);
            // Half of the vectors have a truncated tag, which the caller would cut by itself.
            if (tag.length === length) return handle.verify(tag, message);
            return same((await handle.sign(message)).subarray(0, tag.length), tag);
          },
        };
      }),
    );
    for (const provider of providers) testFile(file, provider, vectors);
  }
});
