/**
 * Keys that both sides were given by other means (RFC 8446 §4.2.11), and their importer (RFC 9258).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type HashName, hashLength } from "../../crypto/provider.ts";
import type { ClientConfig } from "../config.ts";
import { Hkdf } from "../keys/hkdf.ts";
import { EarlyStage } from "../keys/schedule.ts";
import { wireVersion } from "../messages/registry.ts";
import { Writer } from "../messages/writer.ts";
import type { ExternalPsk } from "../psk-options.ts";
import type { OfferedPsk } from "./pre-shared-key.ts";

/** The numbers of the KDFs of TLS 1.3, by their hash (RFC 9258 §10). */
const kdfNumbers = { "SHA-256": 1, "SHA-384": 2 } as const satisfies Partial<
  Record<HashName, number>
>;
type KdfHash = keyof typeof kdfNumbers;

/** The keys given that go with a suite of TLS 1.3 offered; an imported one once for each hash. */
export async function externalPsks({
  crypto,
  suites,
  externalPsks,
}: ClientConfig): Promise<OfferedPsk[]> {
  const hashes = new Set(suites.filter((s) => s.version === "TLSv1.3").map(({ hash }) => hash));
  const targets = (Object.keys(kdfNumbers) as KdfHash[]).filter((hash) => hashes.has(hash));
  const offered = externalPsks.map(async (psk): Promise<OfferedPsk[]> => {
    const { hash = "SHA-256", importer } = psk;
    if (importer !== undefined) {
      return Promise.all(targets.map((target) => importPsk(crypto, psk, target)));
    }
    return targets.includes(hash) ? [await plainPsk(crypto, psk, hash)] : [];
  });
  return (await Promise.all(offered)).flat();
}

async function plainPsk(
  crypto: ClientConfig["crypto"],
  { identity, key }: ExternalPsk,
  hash: KdfHash,
): Promise<OfferedPsk> {
  const secret = new Uint8Array(key);
  return {
    identity: new Uint8Array(identity),
    // What is no ticket has no age (RFC 8446 §4.2.11).
    obfuscatedAge: () => 0,
    secret,
    hash,
    label: "ext binder",
    early: await EarlyStage.begin(crypto, hash, secret),
    session: undefined,
    externalIdentity: new Uint8Array(identity),
  };
}

/** RFC 9258 §5.1: another key for another hash, which can't be told from random. */
async function importPsk(
  crypto: ClientConfig["crypto"],
  { identity, key, hash = "SHA-256", importer }: ExternalPsk,
  target: KdfHash,
): Promise<OfferedPsk> {
  const imported = Writer.build((w) => {
    w.vector(2, () => w.bytes(identity));
    w.vector(2, () => w.bytes(importer?.context ?? new Uint8Array(0)));
    w.u16(wireVersion.tls13).u16(kdfNumbers[target]);
  });
  const secret = await derivePsk(Hkdf.of(crypto, hash), key, imported, hashLength[target]);
  return {
    identity: imported,
    obfuscatedAge: () => 0,
    secret,
    hash: target,
    label: "imp binder",
    early: await EarlyStage.begin(crypto, target, secret),
    session: undefined,
    externalIdentity: new Uint8Array(identity),
  };
}

async function derivePsk(
  hkdf: Hkdf,
  key: Uint8Array,
  importedIdentity: Bytes,
  length: number,
): Promise<Bytes> {
  const extracted = await hkdf.extract(new Uint8Array(hkdf.length), key);
  const context = await hkdf.digest(importedIdentity);
  return hkdf.expandLabel(extracted, "derived psk", context, length);
}
