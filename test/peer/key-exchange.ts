/**
 * The server's half of the key exchange groups (RFC 8446 §4.2.8).
 *
 * @module
 */

import { ml_kem768, ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { DhGroup } from "../../src/crypto/provider.ts";
import type { NamedGroup } from "../../src/tls/named-group.ts";

const kems = {
  "ML-KEM-768": { kem: ml_kem768, encapsulationKeyLength: 1184 },
  "ML-KEM-1024": { kem: ml_kem1024, encapsulationKeyLength: 1568 },
};

/** The server's share and the secret it makes with the client's. */
export interface ServerExchange {
  readonly share: Bytes;
  readonly secret: Bytes;
}

/** @param clientShare as it stands in the client's key_share: of a hybrid, ML-KEM's half first. */
export async function exchangeKeys(group: NamedGroup, clientShare: Bytes): Promise<ServerExchange> {
  if (group.kem === undefined) return exchangeDh(group.dh, clientShare);
  const { kem, encapsulationKeyLength } = kems[group.kem];
  const { cipherText, sharedSecret } = kem.encapsulate(
    clientShare.subarray(0, encapsulationKeyLength),
  );
  if (group.dh === undefined) return { share: cipherText, secret: sharedSecret };
  const { share, secret } = await exchangeDh(
    group.dh,
    clientShare.subarray(encapsulationKeyLength),
  );
  return { share: concat(cipherText, share), secret: concat(sharedSecret, secret) };
}

async function exchangeDh(group: DhGroup | undefined, clientShare: Bytes): Promise<ServerExchange> {
  if (group === undefined) throw new Error("the group has neither half");
  const pair = await platformCrypto.generateDhKeyPair(group);
  return { share: pair.publicKey, secret: agreed(await pair.agree(clientShare)) };
}

function agreed(secret: Bytes | undefined): Bytes {
  if (secret === undefined) throw new Error("the client's key share is not valid");
  return secret;
}
