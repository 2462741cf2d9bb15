/**
 * All that a caller may ask of one connection, and how it becomes the connection's configuration:
 * the same for callers in-thread and for those on a page.
 *
 * @module
 */

import type { CryptoProvider } from "../crypto/provider.ts";
import { invalidOption } from "../errors.ts";
import { loaded } from "../loaded.ts";
import type { IssuerFinder } from "../x509/issuer-lookup.ts";
import { checkFunction } from "./caller-options.ts";
import type { CertificateDecompressor } from "./compression/decompressor.ts";
import {
  type ClientConfig,
  type ClientEnvironment,
  resolveConfig,
  settleKeyExchange,
} from "./config.ts";
import type { Identities, IdentitySelector } from "./identity/identity.ts";
import type { ClientIdentity } from "./identity/read.ts";
import {
  allowsTls13,
  checkTlsOptions,
  rareTlsOptionNames,
  type TlsOptions,
  tlsOptionsOf,
} from "./options.ts";
import type { DangerousVerify } from "./presented.ts";
import { nobody, type Trust } from "./trust.ts";

export type { IssuerFinder, WantedIssuer } from "../x509/issuer-lookup.ts";

/** Options of one TLS connection, with those by which the caller has a say while it is made. */
export interface ConnectionOptions extends TlsOptions {
  /**
   * Who the client is, for servers that ask: one identity, or several, of which the first that fits
   * is used, or a function that chooses. Identities that are given and do not fit fail the handshake
   * with `identity/not-usable`. Default: requests are declined, which many servers let pass.
   *
   * A function has to be the same object each time for sessions to be resumed: one made anew for each
   * connection is another function, and might choose otherwise.
   */
  identity?: Identities | IdentitySelector;
  /**
   * Decides on the server instead of all that is trusted otherwise: with it, any server may be taken
   * for the one that is meant, and neither roots nor pins nor anything else of `TrustOptions` counts.
   * Default: none.
   *
   * It has to be the same object each time for sessions to be resumed: a function made anew for each
   * connection is another one, and might not take the server.
   */
  dangerousVerify?: DangerousVerify;
  /**
   * Asked for the issuer of a certificate where what the server presents and `intermediates` lead to
   * no root: such as by the addresses in the certificate. It is called at most four times for one
   * handshake, which waits for it, and finds at most 16 certificates a time. They are verified as if
   * the server had presented them. What it throws is the `cause` of the error, should the handshake
   * fail. Default: none is asked.
   */
  findIssuers?: IssuerFinder;
  /**
   * Further algorithms that the server may compress its certificate by, most wanted first and before
   * those of `certificateCompression`. Default: none.
   */
  certificateDecompressors?: readonly CertificateDecompressor[];
}

/** The names of those members of {@link ConnectionOptions} that are not of {@link TlsOptions}. */
const callerOptionNames = [
  "identity",
  "dangerousVerify",
  "findIssuers",
  "certificateDecompressors",
] as const satisfies readonly (keyof ConnectionOptions)[];

/**
 * Checks the options of a connection, but for what `checkRareOptions` is for.
 *
 * @param alsoKnown names of options that belong to the caller and are checked there.
 * @throws TlsError `configuration/invalid-option`, which names the option.
 */
export function checkConnectionOptions(
  options: ConnectionOptions,
  alsoKnown: readonly string[] = [],
): void {
  checkTlsOptions(options, [...callerOptionNames, ...alsoKnown]);
  checkFunction("dangerousVerify", options.dangerousVerify);
  if (options.dangerousVerify !== undefined && options.ocspStapling === "required") {
    throw invalidOption(
      "ocspStapling",
      "true or false beside dangerousVerify, which decides alone",
    );
  }
  checkFunction("findIssuers", options.findIssuers);
}

/** The names of those that `checkRareOptions` is for. */
const rareOptionNames = [
  "identity",
  "certificateDecompressors",
  ...rareTlsOptionNames,
] as const satisfies readonly (keyof ConnectionOptions)[];

/** Whether `checkRareOptions` has something to check. */
export function hasRareOptions(options: ConnectionOptions): boolean {
  return rareOptionNames.some((name) => options[name] !== undefined);
}

/**
 * Settles the configuration of one connection, by options that were checked.
 *
 * @param hostname the host connected to.
 * @param readTrust reads whom to trust, where that counts.
 * @throws TlsError `configuration/…`, `identity/…`, and what `readTrust` throws.
 */
export async function settleConfig(
  hostname: string,
  options: ConnectionOptions,
  readTrust: () => Promise<Trust>,
  environment: Omit<ClientEnvironment, keyof ConnectionOptions>,
): Promise<ClientConfig> {
  const { identity, dangerousVerify } = options;
  const tls = tlsOptionsOf(options);
  const keyExchange = settleKeyExchange(hostname, tls, environment);
  const reading = dangerousVerify === undefined ? readTrust() : nobody;
  // Neither the roots nor the way to the server may be there yet.
  if (allowsTls13(tls)) keyExchange.firstShares.prepare();
  const trust = await reading;
  const others = {
    ...environment,
    ...options,
    identity: identity && (await read(identity, keyExchange.crypto)),
  };
  return resolveConfig(hostname, tls, trust, others, keyExchange);
}

/** Few connections have one, and reading it takes code that nothing else needs. */
async function read(
  identity: Identities | IdentitySelector,
  crypto: CryptoProvider,
): Promise<ClientIdentity> {
  const { readIdentity } = await loaded(import("./identity/read.ts"));
  return readIdentity(identity, crypto);
}
