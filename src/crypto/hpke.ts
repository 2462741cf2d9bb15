/**
 * HPKE (RFC 9180): encrypting to a public key. A client of TLS is its sender in base mode, and
 * nothing else.
 *
 * The construction is that of the library `hpke`, loaded on first use; every primitive beneath it is
 * one of a {@link CryptoProvider}, so that what a platform lacks has its replacement here too.
 *
 * @module
 */

import { loaded } from "../loaded.ts";
import type { Bytes } from "./bytes.ts";
import type { HpkeSuite } from "./hpke/algorithms.ts";
import type { CryptoProvider } from "./provider.ts";

export { type HpkeSuite, hpkeSuite } from "./hpke/algorithms.ts";

/** The sender's context (RFC 9180 §5.2): it counts what it seals. */
export interface HpkeSender {
  /** What the recipient needs beside the ciphertexts. */
  readonly encapsulatedKey: Bytes;
  /** Of the KEM, for the key log only. */
  readonly sharedSecret: Bytes;
  /** Encrypts the next message. @returns the ciphertext with the tag at its end. */
  seal(additionalData: Uint8Array, plaintext: Uint8Array): Promise<Bytes>;
}

/**
 * SetupBaseS (RFC 9180 §5.1.1).
 *
 * @param recipientKey serialized as the KEM has it (RFC 9180 §7.1.1).
 * @returns undefined where the key is not a valid one.
 */
export async function setupHpkeSender(
  crypto: CryptoProvider,
  suite: HpkeSuite,
  recipientKey: Uint8Array,
  info: Uint8Array,
): Promise<HpkeSender | undefined> {
  if (recipientKey.length !== suite.kem.keyLength) return undefined;
  const { setupSender } = await loaded(import("./hpke/sender.ts"));
  return setupSender(crypto, suite, recipientKey, info);
}
