/**
 * A crowd by the page's API: one WebSocket for each, all in webtls's own worker.
 *
 * @module
 */

import { createTlsFor } from "../contestants/webtls.ts";
import { type Crowd, type CrowdOptions, crowdOf } from "./crowd.ts";

export function crowdOverWebSockets({ target, sessions }: CrowdOptions): Crowd {
  const tls = createTlsFor(target, { sessions });
  return crowdOf(async () => {
    const socket = tls.connect({ hostname: target.host, port: target.port });
    await socket.opened;
    return socket;
  });
}
