/**
 * Sessions that a client has from before, as its store gives them.
 *
 * @module
 */

import type { Bytes } from "../../src/crypto/bytes.ts";
import { cipherSuites } from "../../src/tls/cipher-suite.ts";
import { namedGroup } from "../../src/tls/named-group.ts";
import { encodeSession } from "../../src/tls/session/encoding.ts";
import type { Session, SessionPeer } from "../../src/tls/session/session.ts";
import type { SessionStore } from "../../src/tls/session/store.ts";
import { signatureScheme } from "../../src/tls/signature-scheme.ts";
import type { Issued } from "../authority.ts";

export type SessionKind = "TLSv1.3" | "TLSv1.2 by id" | "TLSv1.2 by ticket";

/** What server and client share of a session. */
export const sessionSecret: Readonly<Record<SessionKind, Bytes>> = {
  "TLSv1.3": new Uint8Array(32).fill(13),
  "TLSv1.2 by id": new Uint8Array(48).fill(12),
  "TLSv1.2 by ticket": new Uint8Array(48).fill(12),
};

/** What the server knows it by. */
export const sessionName: Bytes = new Uint8Array(32).fill(7);

const day = 24 * 60 * 60 * 1000;

/** A store that has always the same session, or none, and takes every other. */
export function storeOf(
  kind: SessionKind | undefined,
  server: Issued,
  present: Date,
): SessionStore {
  const stored = kind && encodeSession(sessionOf(kind, server, present.getTime()));
  return { take: () => stored, put() {} };
}

function sessionOf(kind: SessionKind, server: Issued, now: number): Session {
  const peer: SessionPeer = {
    certificateType: "X509",
    trustedBy: "root",
    certificates: server.chain,
    verifiedPath: server.chain,
    signatureScheme: signatureScheme("ecdsa_secp256r1_sha256"),
    pskIdentity: undefined,
    clientCertificate: "not-requested",
    trustedUntil: now + day,
  };
  const common = { peer, expires: now + day, secret: sessionSecret[kind] };
  if (kind === "TLSv1.3") {
    return {
      ...common,
      version: "TLSv1.3",
      suite: suiteOf("TLSv1.3", "TLS_AES_128_GCM_SHA256"),
      ticket: sessionName,
      ageAdd: 1,
      receivedAt: now,
      maxEarlyData: 16_384,
      alpn: undefined,
    };
  }
  return {
    ...common,
    version: "TLSv1.2",
    suite: suiteOf("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    group: namedGroup("x25519"),
    extendedMasterSecret: true,
    handle: { kind: kind === "TLSv1.2 by id" ? "id" : "ticket", bytes: sessionName },
  };
}

function suiteOf<Version extends "TLSv1.3" | "TLSv1.2">(version: Version, wanted: string) {
  for (const suite of cipherSuites) {
    if (suite.name === wanted && isOf(suite, version)) return suite;
  }
  throw new Error(`there is no suite ${wanted}`);
}

function isOf<Suite extends { version: string }, Version extends string>(
  suite: Suite,
  version: Version,
): suite is Extract<Suite, { version: Version }> {
  return suite.version === version;
}
