/**
 * Sessions made up for a client of the scripted server, which then knows the secrets as well.
 *
 * @module
 */

import { cipherSuites } from "../../src/tls/cipher-suite.ts";
import type { ClientConfig } from "../../src/tls/config.ts";
import { namedGroup } from "../../src/tls/named-group.ts";
import type { CipherSuiteName } from "../../src/tls/options.ts";
import { encodeSession } from "../../src/tls/session/encoding.ts";
import { partitionOf } from "../../src/tls/session/partition.ts";
import type { Session, Tls12Session, Tls13Session } from "../../src/tls/session/session.ts";
import { signatureScheme } from "../../src/tls/signature-scheme.ts";
import type { Issued } from "../authority.ts";

type Changes<T> = Partial<Omit<T, "version" | "suite">> & { readonly suite?: CipherSuiteName };

/** A session of TLS 1.3, a minute old, without early data. */
export function madeUpSession13(
  { chain }: Issued,
  { suite: suiteName = "TLS_AES_128_GCM_SHA256", ...changes }: Changes<Tls13Session> = {},
): Tls13Session {
  const suite = cipherSuites.find(({ name }) => name === suiteName);
  if (suite?.version !== "TLSv1.3") throw new Error(`${suiteName} is no suite of TLS 1.3`);
  return {
    version: "TLSv1.3",
    suite,
    secret: new Uint8Array(suite.hash === "SHA-384" ? 48 : 32).fill(1),
    ticket: new Uint8Array(100).fill(2),
    ageAdd: 0xfffffff0,
    receivedAt: Date.now() - 60_000,
    maxEarlyData: 0,
    alpn: undefined,
    ...common(chain),
    ...changes,
  };
}

/** A session of TLS 1.2, by a ticket and with the extended master secret. */
export function madeUpSession12(
  { chain }: Issued,
  changes: Partial<Omit<Tls12Session, "version" | "suite">> = {},
): Tls12Session {
  const suiteName = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  const suite = cipherSuites.find(({ name }) => name === suiteName);
  if (suite?.version !== "TLSv1.2") throw new Error(`${suiteName} is no suite of TLS 1.2`);
  return {
    version: "TLSv1.2",
    suite,
    secret: new Uint8Array(48).fill(3),
    group: namedGroup("x25519"),
    extendedMasterSecret: true,
    handle: { kind: "ticket", bytes: new Uint8Array(100).fill(4) },
    ...common(chain),
    ...changes,
  };
}

function common(chain: Issued["chain"]) {
  const certificates = chain.map((der) => new Uint8Array(der));
  const peer = {
    certificateType: "X509",
    trustedBy: "root",
    certificates,
    verifiedPath: certificates,
    signatureScheme: signatureScheme("ecdsa_secp256r1_sha256"),
    pskIdentity: undefined,
    clientCertificate: "not-requested",
    trustedUntil: Date.now() + 60_000,
  } as const;
  return { peer, expires: Date.now() + 60_000 };
}

/** Puts it where a connection of this configuration, which has a store, looks for it. */
export async function remember(config: ClientConfig, session: Session): Promise<void> {
  await config.sessions?.put(await partitionOf(config), encodeSession(session));
}
