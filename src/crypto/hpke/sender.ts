/**
 * The library `hpke` over the primitives of a provider.
 *
 * @module
 */

import {
  type AEAD,
  CipherSuite,
  I2OSP,
  type KDF,
  type KEM,
  type Key,
  LabeledExpand,
  LabeledExtract,
  ValidationError,
} from "hpke";
import { type Bytes, concat } from "../bytes.ts";
import { hkdfExpand } from "../hkdf.ts";
import type { HpkeSender } from "../hpke.ts";
import {
  aeadKeyLength,
  aeadNonceLength,
  aeadTagLength,
  type CryptoProvider,
  type HashName,
  hashLength,
} from "../provider.ts";
import type { HpkeAead, HpkeKdf, HpkeKem, HpkeSuite } from "./algorithms.ts";

/** A recipient's public key, in the form the library hands around. */
interface RecipientKey extends Key {
  readonly bytes: Bytes;
}

/** @returns undefined where the recipient's key is not a valid one (RFC 9180 §7.1.4). */
export async function setupSender(
  crypto: CryptoProvider,
  { kem, kdf, aead }: HpkeSuite,
  recipientKey: Uint8Array,
  info: Uint8Array,
): Promise<HpkeSender | undefined> {
  let sharedSecret: Bytes | undefined;
  const suite = new CipherSuite<RecipientKey>(
    () =>
      kemOver(crypto, kem, (secret) => {
        sharedSecret = secret;
      }),
    () => kdfOver(crypto, kdf),
    () => aeadOver(crypto, aead),
  );
  const publicKey = await suite.DeserializePublicKey(recipientKey);
  try {
    const { encapsulatedSecret, ctx } = await suite.SetupSender(publicKey, { info });
    if (sharedSecret === undefined) throw new TypeError("the library did not encapsulate");
    return {
      encapsulatedKey: new Uint8Array(encapsulatedSecret),
      sharedSecret,
      seal: async (additionalData, plaintext) =>
        new Uint8Array(await ctx.Seal(plaintext, additionalData)),
    };
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

/** DHKEM (RFC 9180 §4.1), the sender's half. */
function kemOver(
  crypto: CryptoProvider,
  { id, group, hash, keyLength }: HpkeKem,
  tell: (sharedSecret: Bytes) => void,
): KEM<RecipientKey> {
  const kdf = hkdfOver(crypto, hash);
  const suiteId = concat(ascii("KEM"), I2OSP(id, 2));
  const secretLength = hashLength[hash];
  const algorithm = { name: group };
  return {
    id,
    type: "KEM",
    name: `DHKEM(${group}, HKDF-${hash})`,
    Nsecret: secretLength,
    Nenc: keyLength,
    Npk: keyLength,
    Nsk: group === "X25519" ? 32 : (keyLength - 1) / 2,
    async DeserializePublicKey(key) {
      return { algorithm, extractable: true, type: "public", bytes: new Uint8Array(key) };
    },
    /** Encap and ExtractAndExpand. */
    async Encap({ bytes }) {
      const ephemeral = await crypto.generateDhKeyPair(group);
      const dh = await ephemeral.agree(bytes);
      if (dh === undefined) throw new ValidationError("the recipient's key is not valid");
      const enc = ephemeral.publicKey;
      const context = concat(enc, bytes);
      const none = new Uint8Array(0);
      const prk = await LabeledExtract(kdf, suiteId, none, ascii("eae_prk"), dh);
      const label = ascii("shared_secret");
      const secret = await LabeledExpand(kdf, suiteId, prk, label, context, secretLength);
      tell(new Uint8Array(secret));
      return { shared_secret: secret, enc };
    },
    ...recipientOnly,
  };
}

function kdfOver(crypto: CryptoProvider, { id, hash }: HpkeKdf): KDF {
  return {
    id,
    type: "KDF",
    name: `HKDF-${hash}`,
    Nh: hashLength[hash],
    stages: 2,
    ...hkdfOver(crypto, hash),
    Derive: notOfASender,
  };
}

function hkdfOver(crypto: CryptoProvider, hash: HashName): Pick<KDF, "Extract" | "Expand"> {
  return {
    Extract: async (salt, input) => (await crypto.importHmacKey(hash, salt)).sign(input),
    Expand: async (secret, info, length) =>
      hkdfExpand(await crypto.importHmacKey(hash, secret), info, length),
  };
}

function aeadOver(crypto: CryptoProvider, { id, name }: HpkeAead): AEAD {
  return {
    id,
    type: "AEAD",
    name,
    Nk: aeadKeyLength[name],
    Nn: aeadNonceLength,
    Nt: aeadTagLength,
    async Seal(key, nonce, additionalData, plaintext) {
      return (await crypto.importAeadKey(name, key)).seal(nonce, additionalData, plaintext);
    },
    Open: notOfASender,
  };
}

/** What the library's interfaces have and no sender asks for. */
function notOfASender(): never {
  throw new TypeError("only the sender's side is here");
}

const recipientOnly = {
  DeriveKeyPair: notOfASender,
  GenerateKeyPair: notOfASender,
  SerializePublicKey: notOfASender,
  SerializePrivateKey: notOfASender,
  DeserializePrivateKey: notOfASender,
  Decap: notOfASender,
};

function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}
