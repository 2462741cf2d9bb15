/**
 * The server's half of the key exchange groups (RFC 8446 §4.2.8).
 *
 * @module
 */

import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { type Bytes, concat } from "../../src/crypto/bytes.ts";
import { platformCrypto } from "../../src/crypto/platform.ts";
import type { NamedGroup } from "../../src/tls/named-group.ts";

const encapsulationKeyLength = 1184;

/** The server's share and the secret it makes with the client's. */
export interface ServerExchange {
  readonly share: Bytes;
  readonly secret: Bytes;
}

/** @param clientShare as it stands in the client's key_share. */
export async function exchangeKeys(group: NamedGroup, clientShare: Bytes): Promise<ServerExchange> {
  const pair = await platformCrypto.generateDhKeyPair(group.dh);
  if (!group.hybrid)
    return { share: pair.publicKey, secret: agreed(await pair.agree(clientShare)) };
  const kem = ml_kem768.encapsulate(clientShare.subarray(0, encapsulationKeyLength));
  const secret = agreed(await pair.agree(clientShare.subarray(encapsulationKeyLength)));
  return {
    share: concat(kem.cipherText, pair.publicKey),
    secret: concat(kem.sharedSecret, secret),
  };
}

function agreed(secret: Bytes | undefined): Bytes {
  if (secret === undefined) throw new Error("the client's key share is not valid");
  return secret;
}
