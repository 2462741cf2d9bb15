/**
 * A server's request for a client certificate. Few servers make one: what answers it is loaded then.
 *
 * @module
 */

import { loaded } from "../../crypto/loaded.ts";
import type { ClientConfig } from "../config.ts";
import type { Asked } from "../identity/read.ts";
import type { ClientAuthentication } from "./client-auth.ts";

/** @throws TlsError as `ClientAuthentication.choose` does. */
export async function authenticationFor(
  config: ClientConfig,
  asked: Asked,
): Promise<ClientAuthentication> {
  const { ClientAuthentication } = await loaded(import("./client-auth.ts"));
  return ClientAuthentication.choose(config, asked);
}
