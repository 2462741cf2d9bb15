/**
 * X25519 and ECDH by WebCrypto.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import type { DhGroup, DhKeyPair } from "../provider.ts";
import { coordinateLength, isUncompressedPoint } from "../verification.ts";
import { requirePointCheck } from "./point-check.ts";
import { generateKeyPair, subtleFor } from "./subtle.ts";

export async function generateDhKeyPair(group: DhGroup): Promise<DhKeyPair> {
  const pair = await generateKeyPair(group, algorithmOf(group), "deriveBits", "raw");
  const keyPair = dhKeyPair(group, pair.privateKey, pair.publicKey);
  if (group !== "X25519") {
    const isTaken = async (point: Bytes) => (await keyPair.agree(point)) !== undefined;
    await requirePointCheck("ECDH", group, isTaken);
  }
  return keyPair;
}

/** A key pair from its halves, made elsewhere; the private one with the usage `deriveBits`. */
export function dhKeyPair(group: DhGroup, privateKey: CryptoKey, publicKey: Bytes): DhKeyPair {
  const subtle = subtleFor(group);
  const algorithm = algorithmOf(group);
  const length = group === "X25519" ? 32 : coordinateLength[group];

  return {
    publicKey,
    async agree(peer) {
      if (!hasShape(group, peer)) return undefined;
      try {
        // Import, or the derivation, refuses a point off the curve: see requirePointCheck.
        const key = await subtle.importKey("raw", peer, algorithm, true, []);
        const parameters = { ...algorithm, public: key };
        const secret = new Uint8Array(await subtle.deriveBits(parameters, privateKey, 8 * length));
        // Most engines refuse a point of small order themselves; RFC 8446 §7.4.2 wants it of all.
        return group === "X25519" && secret.every((byte) => byte === 0) ? undefined : secret;
      } catch (error) {
        if (error instanceof DOMException) return undefined;
        throw error;
      }
    },
  };
}

function algorithmOf(group: DhGroup): object {
  return group === "X25519" ? { name: group } : { name: "ECDH", namedCurve: group };
}

function hasShape(group: DhGroup, peer: Uint8Array): boolean {
  return group === "X25519" ? peer.length === 32 : isUncompressedPoint(group, peer);
}
