/**
 * Keys of servers that take Encrypted Client Hello, with the ECHConfig that tells of them.
 *
 * @module
 */

import type { Bytes } from "../src/crypto/bytes.ts";
import { x25519KeyPair } from "../src/crypto/noble/curve25519.ts";
import { ecdhKeyPair } from "../src/crypto/noble/nist.ts";
import { randomBytes } from "../src/crypto/random.ts";
import { Writer } from "../src/tls/messages/writer.ts";

/** What an ECHConfig says; all but the key may be left out. */
export interface EchConfigFields {
  readonly version?: number;
  readonly id?: number;
  readonly kem?: number;
  readonly publicKey: Uint8Array;
  /** KDF and AEAD (RFC 9180 §7). */
  readonly suites?: readonly (readonly [number, number])[];
  readonly maximumNameLength?: number;
  readonly publicName?: string;
  readonly extensions?: readonly { readonly type: number; readonly body: Uint8Array }[];
}

/** RFC 9849 §4. */
export function encodeEchConfig(fields: EchConfigFields): Bytes {
  const { version = 0xfe0d, id = 7, kem = 0x20, publicKey, suites = [[1, 1]] } = fields;
  const { maximumNameLength = 0, publicName = "public.example", extensions = [] } = fields;
  return Writer.build((w) => {
    w.u16(version).vector(2, () => {
      w.u8(id).u16(kem);
      w.vector(2, () => w.bytes(publicKey));
      w.vector(2, () => {
        for (const [kdf, aead] of suites) w.u16(kdf).u16(aead);
      });
      w.u8(maximumNameLength);
      w.vector(1, () => w.bytes(new TextEncoder().encode(publicName)));
      w.vector(2, () => {
        for (const { type, body } of extensions) w.u16(type).vector(2, () => w.bytes(body));
      });
    });
  });
}

/** ECHConfigList. */
export function echList(...configs: readonly Uint8Array[]): Bytes {
  return Writer.build((w) => {
    w.vector(2, () => {
      for (const config of configs) w.bytes(config);
    });
  });
}

/** A server's key, and what clients are told of it. */
export interface EchKey {
  readonly config: Bytes;
  readonly privateKey: Bytes;
}

/** A fresh key, of X25519 or with `kem: 0x10` of P-256. */
export function createEchKey(fields: Omit<EchConfigFields, "publicKey"> = {}): EchKey {
  const privateKey = randomBytes(32);
  const { publicKey } =
    fields.kem === 0x10 ? ecdhKeyPair("P-256", privateKey) : x25519KeyPair(privateKey);
  return { config: encodeEchConfig({ ...fields, publicKey }), privateKey };
}
