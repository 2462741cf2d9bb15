/**
 * What a server's path has to meet beyond RFC 5280 §6, by the configuration and by what the server
 * presents. Each condition is loaded where it has something to check.
 *
 * @module
 */

import type { PathCondition } from "../../x509/path.ts";
import type { ClientConfig } from "../config.ts";
import type { PresentedServer } from "../presented.ts";

/** The conditions of one connection. */
export async function conditionsFor(
  _config: ClientConfig,
  _presented: PresentedServer,
): Promise<readonly PathCondition[]> {
  return [];
}
