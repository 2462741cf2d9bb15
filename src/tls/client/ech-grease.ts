/**
 * GREASE ECH: an extension that looks like an encrypted ClientHello and is none, so that real ones
 * do not stick out (RFC 9849 §6.2.1).
 *
 * @module
 */

import { aeadTagLength, type CryptoProvider } from "../../crypto/provider.ts";
import type { OfferedExtension } from "../messages/client-hello.ts";
import { outerEchExtension } from "../messages/ech.ts";

/** DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256, and an AEAD as a real one would be chosen. */
const hkdfSha256 = 0x0001;
const aes128Gcm = 0x0001;
const chaCha20Poly1305 = 0x0003;

export async function drawEchGrease(crypto: CryptoProvider): Promise<OfferedExtension> {
  // Not just 32 random bytes: half of those are no key that anybody has.
  const { publicKey } = await crypto.generateDhKeyPair("X25519");
  const [configId = 0, length = 0] = crypto.randomBytes(2);
  // What our own inner hellos come to, for names of up to some hundred bytes (RFC 9849 §6.1.3).
  const blocks = 4 + (length % 4);
  return outerEchExtension({
    kdf: hkdfSha256,
    aead: crypto.hasPlatformAes ? aes128Gcm : chaCha20Poly1305,
    configId,
    encapsulatedKey: publicKey,
    payload: crypto.randomBytes(32 * blocks + aeadTagLength),
  });
}
