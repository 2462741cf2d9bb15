/**
 * The same server on OpenSSL's `s_server` and on Node's `tls`: it accepts one version, one suite
 * or one group, and answers lines reversed.
 *
 * @module
 */

import type { CipherSuiteName, ProtocolVersionName } from "../../src/tls/options.ts";
import { reverseLines, startNodeTls } from "./node-tls.ts";
import { type ServerIdentity, startOpenssl } from "./openssl.ts";
import { type classicGroups, opensslGroup, opensslSuite } from "./suites.ts";

/** Whose TLS answers. */
export const peerKinds = ["s_server", "node"] as const;
export type PeerKind = (typeof peerKinds)[number];

/** What a server is to accept and nothing else; anything where left out. */
export interface PeerLimits {
  readonly version?: ProtocolVersionName;
  readonly suite?: CipherSuiteName;
  readonly group?: (typeof classicGroups)[number];
}

/** A running server. */
export interface Peer {
  readonly port: number;
  /** The suite of the latest connection by the server's own word: OpenSSL's or IANA's name. */
  negotiatedSuite(): Promise<string>;
  stop(): Promise<void>;
}

export function startPeer(
  kind: PeerKind,
  identity: ServerIdentity,
  limits: PeerLimits = {},
): Promise<Peer> {
  return kind === "node" ? startNode(identity, limits) : startSServer(identity, limits);
}

async function startNode(identity: ServerIdentity, limits: PeerLimits): Promise<Peer> {
  const { version, suite, group } = limits;
  const server = await startNodeTls(identity, reverseLines, {
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    ...(suite === undefined ? {} : { ciphers: opensslSuite(suite) }),
    ...(group === undefined ? {} : { ecdhCurve: opensslGroup[group] }),
  });
  return {
    port: server.port,
    negotiatedSuite: async () => server.seen.at(-1)?.cipherSuite ?? "none",
    stop: server.stop,
  };
}

async function startSServer(identity: ServerIdentity, limits: PeerLimits): Promise<Peer> {
  const { version, suite, group } = limits;
  const args: string[] = [];
  if (version !== undefined) args.push(version === "TLSv1.3" ? "-tls1_3" : "-tls1_2");
  if (suite !== undefined) {
    args.push(suite.includes("_WITH_") ? "-cipher" : "-ciphersuites", opensslSuite(suite));
  }
  if (group !== undefined) args.push("-groups", opensslGroup[group]);
  const server = await startOpenssl(identity, args);
  return {
    port: server.port,
    negotiatedSuite: async () => (await server.printed(/Ciphersuite: (\S+)/))[1] ?? "none",
    stop: server.stop,
  };
}
