/**
 * A connection's settled configuration: options checked, defaults filled in, trust read.
 *
 * @module
 */

import type { CryptoProvider } from "../crypto/provider.ts";
import type { TlsOptions, TrustOptions } from "./options.ts";

/** What can't be cloned, and what only tests set. */
export interface ClientEnvironment {
  /** Default: the platform's WebCrypto, with noble where it lacks an algorithm. */
  crypto?: CryptoProvider;
  /** The present, for certificate validity. Default: `() => new Date()`. */
  now?: () => Date;
  /** Takes each line of an NSS key log (RFC 9850), without a newline. Default: none kept. */
  keyLog?: (line: string) => void;
}

/** Opaque to callers: made by {@link resolveConfig}, taken by `ClientConnection`. */
export interface ClientConfig {
  readonly serverName: string;
}

/**
 * Settles the configuration of one connection; loads the bundled roots where they are wanted.
 * Reading of trust is cached by identity of `trust`.
 *
 * @param hostname the host connected to: what the certificate is checked for unless
 * `options.servername` says otherwise.
 * @throws TlsError `configuration/invalid-option`; `certificate/malformed` for a root that can't be
 * read.
 */
export declare function resolveConfig(
  hostname: string,
  options?: TlsOptions,
  trust?: TrustOptions,
  environment?: ClientEnvironment,
): Promise<ClientConfig>;
