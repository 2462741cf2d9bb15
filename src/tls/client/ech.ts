/**
 * Encrypted Client Hello (RFC 9849), as far as only connections need it that are to use it: this is
 * loaded with the first of them.
 *
 * @module
 */

import type { Bytes } from "../../crypto/bytes.ts";
import { TlsError } from "../../errors.ts";
import type { ClientConfig } from "../config.ts";
import { drawEchGrease } from "./ech-grease.ts";
import { planEch, selectEch } from "./ech-plan.ts";
import type { EchState } from "./ech-state.ts";
import { EncryptedHello } from "./encrypted-hello.ts";

export { decodeEchConfigList } from "../messages/ech-config.ts";

/** What is offered, by the options. @throws TlsError as {@link planEch} does. */
export async function beginEch(config: ClientConfig): Promise<EchState> {
  const plan = await planEch(config);
  if (plan === "none") return { status: "not-offered" };
  if (plan === "grease") return { status: "grease", extension: await drawEchGrease(config.crypto) };
  return { status: "offered", hello: await EncryptedHello.begin(config, plan) };
}

/**
 * The error for a server that has shown only that it may speak for the public name (RFC 9849
 * §6.1.6).
 *
 * @param config with the public name as the server's.
 */
export function echRejected(
  { serverName, crypto }: ClientConfig,
  retryConfigs: Bytes | undefined,
): TlsError {
  const publicName = serverName.kind === "dns" ? serverName.name : serverName.text;
  const isUsable = retryConfigs !== undefined && selectEch(retryConfigs, crypto) !== undefined;
  return new TlsError(
    "handshake/ech-rejected",
    isUsable
      ? `The server, which has proved to be ${publicName}, has other keys for Encrypted Client Hello by now. Connect again with those in echRetryConfigs.`
      : `The server, which has proved to be ${publicName}, does not take Encrypted Client Hello any more. Connect again without it, where the server's name may be seen.`,
    isUsable ? { echRetryConfigs: retryConfigs.slice() } : {},
  );
}
