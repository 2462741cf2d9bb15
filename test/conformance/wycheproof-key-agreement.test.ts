/**
 * Wycheproof: X25519, ECDH and ML-KEM-768.
 *
 * The provider makes key pairs by itself and takes none from outside. So these vectors run one step
 * below it, on the functions that turn a private key into the pair it hands out. Not run at all:
 * ML-KEM encapsulation and expanded decapsulation keys, of which a client has neither.
 */

import { describe } from "vitest";
import { mlKemKeyPair } from "../../src/crypto/noble/ml-kem.ts";
import { nobleCrypto } from "../../src/crypto/noble.ts";
import type { DhGroup } from "../../src/crypto/provider.ts";
import { coordinateLength } from "../../src/crypto/verification.ts";
import { dhPairFrom } from "./dh-pair.ts";
import { fromHex } from "./vectors.ts";
import { type Judged, providers, readGroups, same, testFile, type Vector } from "./wycheproof.ts";

interface DhVector extends Vector {
  public: string;
  private: string;
  shared: string;
}

interface KemVector extends Vector {
  seed: string;
  ek?: string;
  c?: string;
  K?: string;
}

describe("Wycheproof: key agreement", () => {
  const files: { file: string; group: DhGroup }[] = [
    { file: "x25519_test.json", group: "X25519" },
    { file: "ecdh_secp256r1_ecpoint_test.json", group: "P-256" },
    { file: "ecdh_secp384r1_ecpoint_test.json", group: "P-384" },
    { file: "ecdh_secp521r1_ecpoint_test.json", group: "P-521" },
  ];
  for (const { file, group } of files) {
    const groups = readGroups<{ tests: DhVector[] }>(file);
    if (groups === undefined) continue;
    const length = group === "X25519" ? 32 : coordinateLength[group];
    const vectors = groups.flatMap(({ tests }) =>
      tests.map((vector): Judged => {
        // Scalars of the NIST curves come with a leading zero, or shorter than the curve.
        const secret = fromHex(vector.private.padStart(2 * length, "0").slice(-2 * length));
        // "Acceptable" is what implementations may differ in. TLS: any 32 bytes are an X25519 key
        // but those with an all-zero result (RFC 8446 §7.4.2); compressed points are refused
        // (RFC 8446 §4.2.8.2).
        const refused = ["ZeroSharedSecret", "CompressedPoint"];
        const good =
          vector.result === "valid" ||
          (vector.result === "acceptable" && !vector.flags.some((flag) => refused.includes(flag)));
        return {
          ...vector,
          good,
          async taken(provider) {
            const pair = await dhPairFrom(provider, group, secret);
            const shared = await pair.agree(fromHex(vector.public));
            return good ? same(shared, fromHex(vector.shared)) : shared !== undefined;
          },
        };
      }),
    );
    for (const provider of providers) testFile(file, provider, vectors);
  }
});

describe.each([
  ["ML-KEM-768", "mlkem_768"],
  ["ML-KEM-1024", "mlkem_1024"],
] as const)("Wycheproof: %s", (parameters, prefix) => {
  const isSeed = (vector: KemVector) => vector.seed.length === 128;
  const reason = "seeds of a wrong length, which no one can give us";
  for (const file of [`${prefix}_test.json`, `${prefix}_keygen_seed_test.json`]) {
    const groups = readGroups<{ tests: KemVector[] }>(file);
    if (groups === undefined) continue;
    const all = groups.flatMap(({ tests }) => tests);
    const vectors = all.filter(isSeed).map((vector): Judged => {
      const good = vector.result === "valid";
      return {
        ...vector,
        comment: vector.comment ?? "",
        good,
        async taken() {
          const pair = mlKemKeyPair(parameters, fromHex(vector.seed));
          if (vector.ek !== undefined && !same(pair.encapsulationKey, fromHex(vector.ek))) {
            return !good;
          }
          if (vector.c === undefined) return true;
          const secret = await pair.decapsulate(fromHex(vector.c));
          return good ? same(secret, fromHex(vector.K ?? "")) : secret !== undefined;
        },
      };
    });
    const count = all.length - vectors.length;
    testFile(file, ["noble", nobleCrypto], vectors, { count, reason });
  }
});
