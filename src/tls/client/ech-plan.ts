/**
 * What is to become of Encrypted Client Hello in a connection: the choice among a server's
 * configurations (RFC 9849 §6.1).
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { type HpkeSuite, hpkeSuite } from "../../crypto/hpke.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { invalidOption, TlsError } from "../../errors.ts";
import type { ServerName } from "../../x509/names.ts";
import type { ClientConfig } from "../config.ts";
import type { EchResolver } from "../ech-options.ts";
import { decodeEchConfigList, type EchConfig } from "../messages/ech-config.ts";

/** A configuration that can be used, with the suite to use it with. */
export interface SelectedEch {
  readonly config: EchConfig;
  readonly suite: HpkeSuite;
}

/** What is offered: a real one, one that only looks like it, or nothing. */
export type EchPlan = SelectedEch | "grease" | "none";

/**
 * @throws TlsError `configuration/invalid-option` for a list that is none, or of which nothing can
 * be used; `handshake/ech-lookup-failed` where that goes for what the caller's function gives.
 */
export async function planEch({
  ech,
  echOtherwise,
  serverName,
  crypto,
}: ClientConfig): Promise<EchPlan> {
  if (ech === undefined) return "none";
  if (ech === "grease") return ech;
  if (typeof ech === "function") {
    const selected = (await lookUp(ech, serverName, crypto)) ?? echOtherwise ?? "grease";
    if (selected !== "fail") return selected;
    throw lookupFailed("found no configuration that can be used");
  }
  const selected = readOption(ech, crypto) ?? echOtherwise ?? "fail";
  if (selected !== "fail") return selected;
  throw invalidOption(
    "ech",
    "a configuration in it that can be used (with echOtherwise, the connection is made without)",
  );
}

/**
 * The first configuration of a list that can be used.
 *
 * @throws TlsError `handshake/decode-error`.
 */
export function selectEch(list: Bytes, crypto: CryptoProvider): SelectedEch | undefined {
  for (const config of decodeEchConfigList(list)) {
    const suites = config.suites
      .map(({ kdf, aead }) => hpkeSuite(config.kem, kdf, aead))
      .filter((suite) => suite !== undefined)
      .filter(({ kem }) => kem.keyLength === config.publicKey.length);
    // AES in JavaScript is slow and its tables leak timing.
    const isWanted = ({ aead }: HpkeSuite) =>
      crypto.hasPlatformAes || aead.name === "ChaCha20-Poly1305";
    const suite = suites.find(isWanted) ?? suites[0];
    if (suite !== undefined) return { config, suite };
  }
  return undefined;
}

function readOption(list: Uint8Array, crypto: CryptoProvider): SelectedEch | undefined {
  try {
    return selectEch(new Uint8Array(list), crypto);
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    throw invalidOption("ech", "an ECHConfigList, whole and as it is (RFC 9849 §4)");
  }
}

async function lookUp(
  resolve: EchResolver,
  serverName: ServerName,
  crypto: CryptoProvider,
): Promise<SelectedEch | undefined> {
  try {
    const list = await resolve(serverName.kind === "dns" ? serverName.name : serverName.text);
    return list === undefined ? undefined : selectEch(new Uint8Array(list), crypto);
  } catch (cause) {
    throw lookupFailed("failed, or gave what is no ECHConfigList: the cause says what", cause);
  }
}

function lookupFailed(how: string, cause?: unknown): TlsError {
  return new TlsError(
    "handshake/ech-lookup-failed",
    `The function given as ech ${how}. Nothing has been sent to the server.`,
    cause === undefined ? {} : { cause },
  );
}
