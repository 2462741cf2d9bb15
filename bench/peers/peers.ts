/**
 * What the peers are measured with: for each the best suite and bridge that it has, and a server
 * with certificates that it can read.
 *
 * @module
 */

import { createAuthority, type KeyType } from "../../test/authority.ts";
import type { Listener } from "../lab.ts";

export interface Peer {
  /** Of the contestant in the page. */
  readonly name: string;
  /** What the table says of it. */
  readonly suite: string;
  readonly bridge: "webtls" | "wisp";
  readonly server: ServerKind;
}

/** Servers, by what sets them apart. */
export type ServerKind = keyof typeof servers;

const aes128 = { ciphers: "TLS_AES_128_GCM_SHA256", minVersion: "TLSv1.3" } as const;
const chacha20 = { ciphers: "TLS_CHACHA20_POLY1305_SHA256", minVersion: "TLSv1.3" } as const;

const servers = {
  aes128: { key: "ecdsa-p256", rootName: undefined, options: aes128 },
  chacha20: { key: "ecdsa-p256", rootName: undefined, options: chacha20 },
  // For who has roots built in: as long as the name of the root that it takes the place of.
  chacha20BuiltIn: {
    key: "ecdsa-p384",
    rootName: "webtls benchmark ".padEnd(60, "."),
    options: chacha20,
  },
  // No server offers it by itself any more.
  tls11: {
    key: "rsa-2048",
    rootName: undefined,
    options: { ciphers: "AES128-SHA@SECLEVEL=0", minVersion: "TLSv1.1", maxVersion: "TLSv1.1" },
  },
} as const satisfies Record<
  string,
  { key: KeyType; rootName: string | undefined; options: object }
>;

export const peers: readonly Peer[] = [
  { name: "subtls", suite: "TLS 1.3 AES-128-GCM", bridge: "webtls", server: "aes128" },
  {
    name: "@reclaimprotocol/tls",
    suite: "TLS 1.3 AES-128-GCM",
    bridge: "webtls",
    server: "aes128",
  },
  { name: "node-forge", suite: "TLS 1.1 AES-128-CBC", bridge: "webtls", server: "tls11" },
  { name: "libcurl.js", suite: "TLS 1.3 ChaCha20-Poly1305", bridge: "wisp", server: "chacha20" },
  {
    name: "epoxy-tls 1.5",
    suite: "TLS 1.3 ChaCha20-Poly1305",
    bridge: "wisp",
    server: "chacha20BuiltIn",
  },
  { name: "epoxy-tls 2.1", suite: "TLS 1.3 ChaCha20-Poly1305", bridge: "wisp", server: "chacha20" },
];

export interface PeerServer {
  readonly listener: Listener;
  /** The same, with a certificate for another name. */
  readonly misnamed: Listener;
  /** The root that the certificates come from, in PEM. */
  readonly roots: string;
}

/** Made anew each time: its root is another than all others'. */
export async function peerServer(kind: ServerKind): Promise<PeerServer> {
  const { key: keyType, rootName: commonName, options } = servers[kind];
  const authority = await createAuthority({
    keyType,
    ...(commonName === undefined ? {} : { commonName }),
  });
  const listenerFor = async (name: string) => {
    const { chainPem: cert, privateKey: key } = await authority.issue({
      names: [name],
      keyType: keyType === "ecdsa-p384" ? "ecdsa-p256" : keyType,
      // For RSA key exchange (RFC 5280 §4.2.1.3).
      keyUsage: ["digitalSignature", "keyEncipherment"],
    });
    return { cert, key, ...options };
  };
  return {
    listener: await listenerFor("localhost"),
    misnamed: await listenerFor("elsewhere.test"),
    roots: authority.pem,
  };
}
