/**
 * Who the scripted server is: one authority for a test file, and certificates of it on demand.
 *
 * @module
 */

import { type ClientConfig, type ClientEnvironment, resolveConfig } from "../../src/tls/config.ts";
import { checkTlsOptions, type TlsOptions } from "../../src/tls/options.ts";
import { checkRareOptions } from "../../src/tls/rare-options.ts";
import { readTrust } from "../../src/tls/trust.ts";
import type { TrustOptions } from "../../src/tls/trust-options.ts";
import { type Authority, createAuthority, type Issued, type KeyType } from "../authority.ts";

/** The name the client connects to. */
export const peerName = "server.example";

export interface PeerIdentities {
  readonly root: Authority;
  /** The certificate of a key type, the same at each call. */
  of(keyType?: KeyType): Promise<Issued>;
  /**
   * A client's configuration that trusts the authority, or what is said of it. Without hybrid group
   * unless asked for.
   */
  config(
    options?: TlsOptions,
    environment?: ClientEnvironment,
    trust?: TrustOptions,
  ): Promise<ClientConfig>;
}

export async function createIdentities(): Promise<PeerIdentities> {
  const root = await createAuthority();
  const roots = root.certificate;
  const usual = await readTrust({ roots });
  const issued = new Map<KeyType, Promise<Issued>>();
  return {
    root,
    of(keyType = "ecdsa-p256") {
      const known = issued.get(keyType) ?? root.issue({ names: [peerName], keyType });
      issued.set(keyType, known);
      return known;
    },
    async config(given, environment, trust) {
      const options: TlsOptions = { groups: ["x25519", "secp256r1", "secp384r1"], ...given };
      checkTlsOptions(options);
      checkRareOptions(options);
      const whom = trust === undefined ? usual : await readTrust({ roots, ...trust });
      return resolveConfig(peerName, options, whom, environment);
    },
  };
}
