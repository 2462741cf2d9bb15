/**
 * Offering keys that both sides know already, of a session or from outside (RFC 8446 §4.2.11).
 *
 * @module
 */

import { type Bytes, concat } from "../../crypto/bytes.ts";
import { type CryptoProvider, type HashName, hashLength } from "../../crypto/provider.ts";
import { TlsError } from "../../errors.ts";
import type { CipherSuite13 } from "../cipher-suite.ts";
import { type BinderLabel, EarlyStage } from "../keys/schedule.ts";
import type { Transcript } from "../keys/transcript.ts";
import {
  type ClientHello,
  encodeClientHello,
  preSharedKeyExtension,
} from "../messages/client-hello.ts";
import { extensionType } from "../messages/extension.ts";
import { handshakeType } from "../messages/registry.ts";
import { decodeSelectedIdentity, type ServerHello } from "../messages/server-hello.ts";
import { encodeHandshake } from "../record/handshake-joiner.ts";
import type { Tls13Session } from "../session/session.ts";

/** A PSK as it can be offered. */
export interface OfferedPsk {
  /** As the server knows it: a ticket, or what it was told beforehand. */
  readonly identity: Bytes;
  /** Of the time at which it is asked for. */
  obfuscatedAge(): number;
  readonly secret: Bytes;
  /** Only suites with this hash go with it. */
  readonly hash: HashName;
  readonly label: BinderLabel;
  /** The key schedule that begins with it. */
  readonly early: EarlyStage;
  /** Undefined for an external one. */
  readonly session: Tls13Session | undefined;
  /** What the caller calls an external one. */
  readonly externalIdentity: Bytes | undefined;
}

/** A session's PSK. */
export async function sessionPsk(
  crypto: CryptoProvider,
  session: Tls13Session,
  now: () => Date,
): Promise<OfferedPsk> {
  const { ticket, secret, suite, ageAdd, receivedAt } = session;
  return {
    identity: ticket,
    // A clock that was set back meanwhile says nothing of the age.
    obfuscatedAge: () => (ageAdd + Math.max(0, now().getTime() - receivedAt)) % 2 ** 32,
    secret,
    hash: suite.hash,
    label: "res binder",
    early: await EarlyStage.begin(crypto, suite.hash, secret),
    session,
    externalIdentity: undefined,
  };
}

/**
 * A ClientHello with PSKs, each with its binder: a MAC by the key over the hello up to
 * the binders, and over what came before it (RFC 8446 §4.2.11.2).
 *
 * @param hello without pre_shared_key, which is put at its end.
 * @param before the first ClientHello's hash and the HelloRetryRequest, or nothing.
 */
export async function bindPsks(
  crypto: CryptoProvider,
  hello: ClientHello,
  psks: readonly OfferedPsk[],
  before: Transcript,
): Promise<ClientHello> {
  if (psks.length === 0) return hello;
  const identities = psks.map((psk) => ({
    identity: psk.identity,
    obfuscatedAge: psk.obfuscatedAge(),
  }));
  const withBinders = (binders: readonly Bytes[]) => ({
    ...hello,
    extensions: [...hello.extensions, preSharedKeyExtension(identities, binders)],
  });
  // The lengths in the part that is hashed are those of the whole.
  const blanks = psks.map(({ hash }) => new Uint8Array(hashLength[hash]));
  const { encoded } = encodeHandshake(
    handshakeType.client_hello,
    encodeClientHello(withBinders(blanks)),
  );
  const bindersLength = blanks.reduce((sum, { length }) => sum + 1 + length, 2);
  const covered = concat(before.bytes(), encoded.subarray(0, encoded.length - bindersLength));
  const binders = psks.map(async ({ early, label, hash }) =>
    early.binder(label, await crypto.digest(hash, covered)),
  );
  return withBinders(await Promise.all(binders));
}

/**
 * The PSK that the server chose among those of the last ClientHello, if any.
 *
 * @throws TlsError `handshake/illegal-parameter` for one that was not offered, or does not go with
 * the suite (RFC 8446 §4.2.11).
 */
export function selectedPsk(
  { extensions }: ServerHello,
  psks: readonly OfferedPsk[],
  suite: CipherSuite13,
): OfferedPsk | undefined {
  const body = extensions.get(extensionType.pre_shared_key);
  if (body === undefined) return undefined;
  const index = decodeSelectedIdentity(body);
  const psk = psks[index];
  if (psk === undefined) {
    throw illegal(`picked pre-shared key ${index}, where ${psks.length} were offered`);
  }
  if (psk.hash !== suite.hash) {
    throw illegal(`picked a pre-shared key for ${psk.hash}, which ${suite.name} does not use`);
  }
  return psk;
}

function illegal(what: string): TlsError {
  return new TlsError("handshake/illegal-parameter", `The server ${what} (RFC 8446 §4.2.11).`);
}
