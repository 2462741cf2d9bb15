import * as library from "hpke";
import { describe, expect, test } from "vitest";
import { hpkeSuite, setupHpkeSender } from "./hpke.ts";
import { platformCrypto } from "./platform.ts";

const info = new TextEncoder().encode("tls ech");

function suiteOf([kem, kdf, aead]: readonly [number, number, number]) {
  const suite = hpkeSuite(kem, kdf, aead);
  if (suite === undefined) throw new Error("a suite that should be known");
  return suite;
}

describe("an HPKE sender", () => {
  const recipients = [
    { ids: [0x20, 1, 1], kem: library.KEM_DHKEM_X25519_HKDF_SHA256, kdf: library.KDF_HKDF_SHA256 },
    { ids: [0x10, 2, 1], kem: library.KEM_DHKEM_P256_HKDF_SHA256, kdf: library.KDF_HKDF_SHA384 },
  ] as const;
  for (const { ids, kem, kdf } of recipients) {
    test(`is understood by the library's recipient over WebCrypto: ${ids}`, async () => {
      const suite = new library.CipherSuite(kem, kdf, library.AEAD_AES_128_GCM);
      const { publicKey, privateKey } = await suite.GenerateKeyPair(true);
      const key = await suite.SerializePublicKey(publicKey);
      const sender = await setupHpkeSender(platformCrypto, suiteOf(ids), key, info);
      if (sender === undefined) throw new Error("the key is valid");
      const recipient = await suite.SetupRecipient(
        { publicKey, privateKey },
        sender.encapsulatedKey,
        { info },
      );
      for (const text of ["first", "second"]) {
        const message = new TextEncoder().encode(text);
        const aad = new TextEncoder().encode(`aad of the ${text}`);
        const sealed = await sender.seal(aad, message);
        expect(new TextDecoder().decode(await recipient.Open(sealed, aad))).toBe(text);
      }
    });
  }

  test("refuses keys that are none", async () => {
    const setup = (kem: number, key: Uint8Array) =>
      setupHpkeSender(platformCrypto, suiteOf([kem, 1, 1]), key, info);
    expect(await setup(0x20, new Uint8Array(31).fill(9))).toBeUndefined();
    // A point of small order, with which no secret is one (RFC 9180 §7.1.4).
    expect(await setup(0x20, new Uint8Array(32))).toBeUndefined();
    expect(await setup(0x10, new Uint8Array(65).fill(4))).toBeUndefined();
  });
});

test("knows what it does not have", () => {
  expect(hpkeSuite(0x21, 1, 1)).toBeUndefined();
  expect(hpkeSuite(0x20, 4, 1)).toBeUndefined();
  expect(hpkeSuite(0x20, 1, 0xffff)).toBeUndefined();
});
