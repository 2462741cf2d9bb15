/**
 * HPKE against the vectors of RFC 9180 (base mode, as the Go project keeps them), byte for byte. A
 * sender makes its ephemeral key by itself; here its provider hands out the vector's.
 */

import { describe, expect, test } from "vitest";
import { toHex } from "../../src/crypto/bytes.ts";
import { hpkeSuite, setupHpkeSender } from "../../src/crypto/hpke.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import { isUnsupported } from "../../src/crypto/webcrypto/subtle.ts";
import { dhPairFrom } from "./dh-pair.ts";
import { fromHex, readVectors, skipWithoutVectors } from "./vectors.ts";
import { providers } from "./wycheproof.ts";

interface RawVector {
  Name: string;
  Setup: string;
  Encryptions: string;
}

type Fields = (name: string) => string;

/** Lines of `name: value`. */
function fieldsOf(lines: string): Fields {
  const fields = new Map(
    lines.split("\n").map((line) => {
      const [name = "", value = ""] = line.split(": ");
      return [name, value];
    }),
  );
  return (name) => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`the vector has no ${name}`);
    return value;
  };
}

async function replay(provider: CryptoProvider, setup: Fields, sealed: Fields[]): Promise<void> {
  const [kem, kdf, aead] = ["kem_id", "kdf_id", "aead_id"].map((name) => Number(setup(name)));
  const suite = hpkeSuite(kem ?? 0, kdf ?? 0, aead ?? 0);
  if (suite === undefined) throw new Error("a suite that webtls does not have");
  const ephemeral = await dhPairFrom(provider, suite.kem.group, fromHex(setup("skEm")));
  const crypto = { ...provider, generateDhKeyPair: async () => ephemeral };
  const sender = await setupHpkeSender(
    crypto,
    suite,
    fromHex(setup("pkRm")),
    fromHex(setup("info")),
  );
  expect(sender && toHex(sender.encapsulatedKey)).toBe(setup("enc"));
  expect(sender && toHex(sender.sharedSecret)).toBe(setup("shared_secret"));
  let sequence = 0;
  for (const expected of sealed) {
    // The vectors leave some numbers out.
    const until = Number(expected("sequence number"));
    while (sequence++ < until) await sender?.seal(new Uint8Array(0), new Uint8Array(0));
    const ciphertext = await sender?.seal(fromHex(expected("aad")), fromHex(expected("pt")));
    expect(ciphertext && toHex(ciphertext)).toBe(expected("ct"));
  }
}

describe("HPKE: the sender in base mode", () => {
  const path = "hpke/rfc9180-vectors.json";
  const vectors = readVectors<RawVector[]>(path);
  if (vectors === undefined) skipWithoutVectors(path);
  for (const [name, provider] of providers) {
    for (const { Name, Setup, Encryptions } of vectors ?? []) {
      const sealed = Encryptions.split("\n\n").map(fieldsOf);
      test(`${Name} with ${name}: ${sealed.length} ciphertexts`, async (context) => {
        try {
          await replay(provider, fieldsOf(Setup), sealed);
        } catch (error) {
          if (isUnsupported(error)) context.skip("this engine's WebCrypto lacks an algorithm");
          throw error;
        }
      });
    }
  }
});
