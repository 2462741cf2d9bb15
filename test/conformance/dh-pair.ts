/**
 * Diffie-Hellman key pairs of known private keys: providers make theirs by themselves and take none
 * from outside, so this runs one step below them, on the functions that turn a private key into the
 * pair they hand out.
 *
 * @module
 */

import { x25519KeyPair } from "../../src/crypto/noble/curve25519.ts";
import { ecdhKeyPair } from "../../src/crypto/noble/nist.ts";
import { nobleCrypto } from "../../src/crypto/noble.ts";
import type { CryptoProvider, DhGroup, DhKeyPair } from "../../src/crypto/provider.ts";
import { dhKeyPair } from "../../src/crypto/webcrypto/dh.ts";

/** The pair of a private key, as the provider would have made it. */
export async function dhPairFrom(
  provider: CryptoProvider,
  group: DhGroup,
  secret: Uint8Array,
): Promise<DhKeyPair> {
  const pair = group === "X25519" ? x25519KeyPair(secret) : ecdhKeyPair(group, secret);
  if (provider === nobleCrypto) return pair;
  const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const { publicKey } = pair;
  const half = (publicKey.length + 1) / 2;
  const [algorithm, coordinates] =
    group === "X25519"
      ? [{ name: group }, { kty: "OKP", x: base64Url(publicKey) }]
      : [
          { name: "ECDH", namedCurve: group },
          {
            kty: "EC",
            x: base64Url(publicKey.subarray(1, half)),
            y: base64Url(publicKey.subarray(half)),
          },
        ];
  const jwk = { ...coordinates, crv: group, d: base64Url(secret) };
  const handle = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["deriveBits"]);
  return dhKeyPair(group, handle, publicKey);
}
