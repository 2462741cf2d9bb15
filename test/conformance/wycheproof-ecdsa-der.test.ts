import { describe, expect, test } from "vitest";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { HashName, PublicKey } from "../../src/crypto/provider.ts";
import { verifySignature } from "../../src/x509/signature.ts";
import { fromHex, readVectors, skipWithoutVectors } from "./vectors.ts";

interface EcdsaVectors {
  testGroups: {
    publicKey: { uncompressed: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}

const files: { file: string; curve: "P-256" | "P-384" | "P-521"; hash: HashName }[] = [
  { file: "ecdsa_secp256r1_sha256_test.json", curve: "P-256", hash: "SHA-256" },
  { file: "ecdsa_secp256r1_sha512_test.json", curve: "P-256", hash: "SHA-512" },
  { file: "ecdsa_secp384r1_sha256_test.json", curve: "P-384", hash: "SHA-256" },
  { file: "ecdsa_secp384r1_sha384_test.json", curve: "P-384", hash: "SHA-384" },
  { file: "ecdsa_secp384r1_sha512_test.json", curve: "P-384", hash: "SHA-512" },
  { file: "ecdsa_secp521r1_sha512_test.json", curve: "P-521", hash: "SHA-512" },
];

/** Signatures in DER, as certificates and handshake messages carry them. */
describe("Wycheproof: ECDSA signatures in DER", () => {
  for (const { file, curve, hash } of files) {
    const path = `wycheproof/${file}`;
    const vectors = readVectors<EcdsaVectors>(path);
    if (vectors === undefined) {
      skipWithoutVectors(path);
      continue;
    }
    for (const [index, group] of vectors.testGroups.entries()) {
      const key: PublicKey = { kind: "ec", curve, point: fromHex(group.publicKey.uncompressed) };
      test.each(group.tests)(`${file} group ${index}: $tcId $comment`, async (vector) => {
        const accepted = await verifySignature(
          platformCrypto,
          { kind: "ecdsa", hash },
          key,
          fromHex(vector.sig),
          fromHex(vector.msg),
        );
        // No vector of these files is marked "acceptable".
        expect(accepted).toBe(vector.result === "valid");
      });
    }
  }
});
