/**
 * Wycheproof: ECDSA with r and s at full length, Ed25519, ML-DSA, RSA-PSS and RSA PKCS #1. ECDSA signatures
 * in DER are in `wycheproof-ecdsa-der.test.ts`.
 */

import { describe } from "vitest";
import {
  type HashName,
  hashLength,
  type PublicKey,
  type SignatureAlgorithm,
} from "../../src/crypto/provider.ts";
import { fromHex } from "./vectors.ts";
import { type Judged, providers, readGroups, testFile, type Vector } from "./wycheproof.ts";

interface SignatureVector extends Vector {
  msg: string;
  sig: string;
}
interface EcdsaGroup {
  publicKey: { uncompressed: string };
  tests: SignatureVector[];
}
interface Ed25519Group {
  publicKey: { pk: string };
  tests: SignatureVector[];
}
interface MlDsaGroup {
  publicKey: string;
  tests: (SignatureVector & { ctx?: string })[];
}
interface RsaGroup {
  publicKey: { modulus: string; publicExponent: string };
  sha: string;
  tests: SignatureVector[];
}
interface PssGroup extends RsaGroup {
  mgfSha: string;
  sLen: number;
}

function judge(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  vector: SignatureVector,
  good: boolean,
): Judged {
  const signature = fromHex(vector.sig);
  const message = fromHex(vector.msg);
  return {
    ...vector,
    good,
    taken: (provider) => provider.verifySignature(algorithm, key, signature, message),
  };
}

function rsaKey({ publicKey }: RsaGroup): PublicKey {
  const modulus = fromHex(publicKey.modulus.replace(/^(00)+/, ""));
  const exponent = fromHex(publicKey.publicExponent.replace(/^(00)+/, ""));
  return { kind: "rsa", modulus, exponent };
}

function isHashName(name: string): name is HashName {
  return name in hashLength;
}

describe("Wycheproof: ECDSA", () => {
  const files: { file: string; curve: "P-256" | "P-384" | "P-521"; hash: HashName }[] = [
    { file: "ecdsa_secp256r1_sha256_p1363_test.json", curve: "P-256", hash: "SHA-256" },
    { file: "ecdsa_secp384r1_sha384_p1363_test.json", curve: "P-384", hash: "SHA-384" },
    { file: "ecdsa_secp521r1_sha512_p1363_test.json", curve: "P-521", hash: "SHA-512" },
  ];
  for (const { file, curve, hash } of files) {
    const vectors = readGroups<EcdsaGroup>(file)?.flatMap(({ publicKey, tests }) => {
      const key: PublicKey = { kind: "ec", curve, point: fromHex(publicKey.uncompressed) };
      return tests.map((vector) =>
        judge({ kind: "ecdsa", hash }, key, vector, vector.result === "valid"),
      );
    });
    if (vectors === undefined) continue;
    for (const provider of providers) testFile(file, provider, vectors);
  }
});

describe("Wycheproof: Ed25519", () => {
  const file = "ed25519_test.json";
  const vectors = readGroups<Ed25519Group>(file)?.flatMap(({ publicKey, tests }) => {
    const key: PublicKey = { kind: "ed25519", key: fromHex(publicKey.pk) };
    return tests.map((vector) =>
      judge({ kind: "ed25519" }, key, vector, vector.result === "valid"),
    );
  });
  for (const provider of providers) if (vectors) testFile(file, provider, vectors);
});

describe("Wycheproof: ML-DSA", () => {
  for (const [file, parameters] of [
    ["mldsa_44_verify_test.json", "ML-DSA-44"],
    ["mldsa_65_verify_test.json", "ML-DSA-65"],
  ] as const) {
    const all = readGroups<MlDsaGroup>(file)?.flatMap(({ publicKey, tests }) => {
      const key: PublicKey = { kind: "ml-dsa", parameters, key: fromHex(publicKey) };
      return tests.map((vector) => ({ vector, key }));
    });
    if (all === undefined) continue;
    // TLS and certificates have no context (RFC 9881 §3).
    const ours = all.filter(({ vector }) => (vector.ctx ?? "") === "");
    const vectors = ours.map(({ vector, key }) =>
      judge({ kind: "ml-dsa", parameters }, key, vector, vector.result === "valid"),
    );
    const leftOut = { count: all.length - ours.length, reason: "with a context" };
    for (const provider of providers) testFile(file, provider, vectors, leftOut);
  }
});

describe("Wycheproof: RSA PKCS #1", () => {
  const sizes: [number, number[]][] = [
    [2048, [256, 384, 512]],
    [3072, [256, 384, 512]],
    [4096, [256, 384, 512]],
    [8192, [256]],
  ];
  for (const file of sizes.flatMap(([size, hashes]) =>
    hashes.map((hash) => `rsa_signature_${size}_sha${hash}_test.json`),
  )) {
    const vectors = readGroups<RsaGroup>(file)?.flatMap((group) => {
      const hash = group.sha;
      if (!isHashName(hash)) throw new Error(`${file} has the unknown hash ${hash}`);
      const key = rsaKey(group);
      // "Acceptable" is the missing NULL: RFC 8017 appendix B.1 wants it there, so it is refused.
      return group.tests.map((vector) =>
        judge({ kind: "rsa-pkcs1", hash }, key, vector, vector.result === "valid"),
      );
    });
    if (vectors === undefined) continue;
    for (const provider of providers) testFile(file, provider, vectors);
  }
});

describe("Wycheproof: RSA-PSS", () => {
  const files = [
    "rsa_pss_2048_sha256_mgf1_0_test.json",
    "rsa_pss_2048_sha256_mgf1_32_test.json",
    "rsa_pss_2048_sha384_mgf1_48_test.json",
    "rsa_pss_3072_sha256_mgf1_32_test.json",
    "rsa_pss_4096_sha256_mgf1_32_test.json",
    "rsa_pss_4096_sha384_mgf1_48_test.json",
    "rsa_pss_4096_sha512_mgf1_32_test.json",
    "rsa_pss_4096_sha512_mgf1_64_test.json",
    "rsa_pss_misc_test.json",
  ];
  for (const file of files) {
    const groups = readGroups<PssGroup>(file);
    if (groups === undefined) continue;
    const vectors: Judged[] = [];
    let count = 0;
    for (const group of groups) {
      const hash = group.sha;
      if (!isHashName(hash)) {
        count += group.tests.length;
        continue;
      }
      const key = rsaKey(group);
      // TLS has one form only: the mask generator's hash is the signature's, and the salt is as
      // long as it (RFC 8446 §4.2.3). Good signatures of every other form must be refused.
      const isOurForm = group.mgfSha === hash && group.sLen === hashLength[hash];
      for (const vector of group.tests) {
        if (!isOurForm && vector.comment === `s_len changed to ${hashLength[hash]}`) {
          count += 1;
          continue;
        }
        const good = isOurForm && vector.result === "valid";
        vectors.push(judge({ kind: "rsa-pss", hash }, key, vector, good));
      }
    }
    const reason = "SHA-1 and SHA-224, or bad only in that they have TLS's length of salt";
    for (const provider of providers) testFile(file, provider, vectors, { count, reason });
  }
});
