/**
 * The other TLS libraries for web pages, each by the name that tables give it. What each needs of a
 * server and a bridge is in `bench/peers/peers.ts`.
 *
 * @module
 */

import type { Contestant } from "./contestant.ts";
import { epoxy, epoxy2 } from "./epoxy.ts";
import { forge } from "./forge.ts";
import { libcurlJs } from "./libcurl.ts";
import { impatient } from "./patience.ts";
import { reclaim } from "./reclaim.ts";
import { subtls } from "./subtls.ts";

export const peers: readonly Contestant[] = [subtls, reclaim, forge, libcurlJs, epoxy, epoxy2].map(
  impatient,
);
